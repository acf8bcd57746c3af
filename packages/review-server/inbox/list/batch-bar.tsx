import { Button } from '../ui/button.tsx';
import { counted } from '../wording.ts';

/** How many are selected, and the way to decide on them together. */
export function BatchBar({ count, onClear, onLook }: { count: number; onClear: () => void; onLook: () => void }) {
  return (
    <div className="batch-bar" role="region" aria-label="Selection">
      <span role="status">{counted(count, 'approval')} selected</span>
      <Button look="quiet" size="small" onPress={onClear}>
        Clear
      </Button>
      <Button look="primary" size="small" onPress={onLook}>
        Look at them …
      </Button>
    </div>
  );
}
