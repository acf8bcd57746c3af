import type { ApprovalFeed } from '../approval-feed.ts';
import type { View } from '../policy/may-decide.ts';
import { readTotals, type Totals } from '../store/counts.ts';
import { readPerson } from '../store/people.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { hasRequirements, readView } from '../store/visible.ts';

/** Counts, read again after changes, once for all subscribers. */
export type LiveCounts = {
  /** Calls `listener` with new counts of what this user may see, until the returned function is called. */
  subscribe(userId: string, listener: (totals: Totals) => void): () => void;
};

/** Delay from the first change of a burst to the one recount, in milliseconds. */
const burstMs = 200;
/** Interval of recounts, for what changes without an event, such as a lapsed claim, in milliseconds. */
const pollEveryMs = 15_000;

/** The part that a user may see. While no approval has a requirement, one view for all who see approvals: they share a count. */
async function viewOfUser({ database: { reads }, clock }: ReviewStore, userId: string): Promise<View> {
  const person = await readPerson(reads, userId, clock());
  if (person === undefined) return 'none';
  const view = await readView(reads, person);
  return view === 'none' || (await hasRequirements(reads)) ? view : 'all';
}

/** Reads nothing without subscribers. */
export function createLiveCounts(store: ReviewStore, feed: ApprovalFeed): LiveCounts {
  const listeners = new Map<(totals: Totals) => void, string>();
  let due: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;

  const recountNow = async () => {
    due = undefined;
    // People who see the same share one count.
    const counted = new Map<string, Promise<Totals>>();
    for (const [listener, userId] of listeners) {
      const view = await viewOfUser(store, userId);
      const key = JSON.stringify(view);
      const totals = counted.get(key) ?? readTotals(store, view);
      counted.set(key, totals);
      listener(await totals);
    }
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
    subscribe(userId, listener) {
      listeners.set(listener, userId);
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
