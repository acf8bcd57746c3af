import type { ApprovalFeed } from '../approval-feed.ts';
import { readTotals, type Totals } from '../store/counts.ts';
import type { ReviewStore } from '../store/review-store.ts';

/** Counts, read again after changes, once for all subscribers. */
export type LiveCounts = {
  /** Calls `listener` with new counts until the returned function is called. */
  subscribe(listener: (totals: Totals) => void): () => void;
};

/** Delay from the first change of a burst to the one recount, in milliseconds. */
const burstMs = 200;
/** Interval of recounts, for what changes without an event, such as a lapsed claim, in milliseconds. */
const pollEveryMs = 15_000;

/** Reads nothing without subscribers. */
export function createLiveCounts(store: ReviewStore, feed: ApprovalFeed): LiveCounts {
  const listeners = new Set<(totals: Totals) => void>();
  let due: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;

  const recountNow = async () => {
    due = undefined;
    const totals = await readTotals(store);
    for (const listener of listeners) listener(totals);
  };
  // A failed read is repeated after the next change, or at the next interval.
  const recount = (inMs: number) => {
    due ??= setTimeout(() => void recountNow().catch(() => undefined), inMs);
  };
  const start = () => {
    const unsubscribe = feed.subscribe(() => recount(burstMs));
    const timer = setInterval(() => recount(0), pollEveryMs);
    return () => {
      unsubscribe();
      clearInterval(timer);
      clearTimeout(due);
      due = undefined;
    };
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      stop ??= start();
      recount(0);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}
