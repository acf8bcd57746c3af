import { Button } from '../ui/button.tsx';
import { counted } from '../wording.ts';

/** The number of selected requests, and the button that opens the batch. */
export function BatchBar({ count, onClear, onReview }: { count: number; onClear: () => void; onReview: () => void }) {
  return (
    <div className="batch-bar" role="region" aria-label="Selection">
      <span role="status">{counted(count, 'request')} selected</span>
      <Button look="quiet" size="small" onPress={onClear}>
        Clear selection
      </Button>
      <Button look="primary" size="small" onPress={onReview}>
        Review selected…
      </Button>
    </div>
  );
}
