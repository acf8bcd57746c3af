import type { ApprovalNews } from '../approval-news.ts';
import { readTotals, type Totals } from '../store/counts.ts';
import type { ReviewStore } from '../store/review-store.ts';

/** Counts that are read again after changes, once for all who listen. */
export interface LiveCounts {
  /** Hears of new counts until the returned function is called. */
  subscribe(listener: (totals: Totals) => void): () => void;
}

/** A burst of changes is counted once, so long after its first, in milliseconds. */
const BURST_MS = 200;
/** What no change tells, such as a claim that lapses, is seen after this, in milliseconds. */
const LOOK_EVERY_MS = 15_000;

/** Reads nothing while nobody listens. */
export function createLiveCounts(store: ReviewStore, news: ApprovalNews): LiveCounts {
  const listeners = new Set<(totals: Totals) => void>();
  let due: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;

  const tell = async () => {
    due = undefined;
    const totals = await readTotals(store);
    for (const listener of listeners) listener(totals);
  };
  // A database that can't be read now is read after the next change, or at the next look.
  const recount = (inMs: number) => {
    due ??= setTimeout(() => void tell().catch(() => undefined), inMs);
  };
  const start = () => {
    const unsubscribe = news.subscribe(() => recount(BURST_MS));
    const timer = setInterval(() => recount(0), LOOK_EVERY_MS);
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
