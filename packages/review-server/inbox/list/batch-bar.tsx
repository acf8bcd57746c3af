import { problemText } from '../api/request.ts';
import { PlainButton } from '../ui/plain-button.tsx';
import { Notice } from '../ui/notice.tsx';
import { counted } from '../wording.ts';
import { mostSelected } from './select-all.ts';

/** The number of selected requests, and the buttons that select all, none, or open the batch. */
export function BatchBar({
  count,
  isReading,
  error,
  onAll,
  onClear,
  onReview,
}: {
  count: number;
  isReading: boolean;
  error: Error | null;
  onAll: () => void;
  onClear: () => void;
  onReview: () => void;
}) {
  return (
    <div className="batch-bar" role="region" aria-label="Selection">
      {error !== null && <Notice tone="bad">{problemText(error)}</Notice>}
      <span role="status">
        {counted(count, 'request')} selected{count === mostSelected && ', the most at once'}
      </span>
      <PlainButton look="quiet" size="small" isPending={isReading} onPress={onAll}>
        Select all
      </PlainButton>
      <PlainButton look="quiet" size="small" onPress={onClear}>
        Clear selection
      </PlainButton>
      <PlainButton look="primary" size="small" hint="B" isDisabled={count === 0} onPress={onReview}>
        Review selected…
      </PlainButton>
    </div>
  );
}
