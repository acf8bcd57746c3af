import type { ApprovalFeed } from '../approval-feed.ts';
import type { Counts } from '../contract/reviewer-api.ts';
import { viewOf, type Person, type View } from '../policy/may-decide.ts';
import { countsFor, readTotals, type Totals } from '../store/counts.ts';
import { readPerson } from '../store/people.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { hasRequirements, readView } from '../store/visible.ts';

/** Counts, read again after changes, once for all subscribers. */
export type LiveCounts = {
  /** Calls `listener` with new counts of this user, until the returned function is called. */
  subscribe(userId: string, listener: (counts: Counts) => void): () => void;
};

/** Delay from the first change of a burst to the one recount, in milliseconds. */
const burstMs = 200;
/** Interval of recounts, for what changes without an event, such as a lapsed claim, in milliseconds. */
const pollEveryMs = 15_000;

const nothing: Counts = { needsYou: 0, waiting: 0, done: 0 };

/** The part that a person may see. While no approval has a requirement, one view for all who see approvals: they share totals. */
async function sharedView({ database: { reads } }: ReviewStore, person: Person): Promise<View> {
  if (viewOf(person, []) === 'none') return 'none';
  return (await hasRequirements(reads)) ? readView(reads, person) : 'all';
}

/** Reads nothing without subscribers. */
export function createLiveCounts(store: ReviewStore, feed: ApprovalFeed): LiveCounts {
  const listeners = new Map<(counts: Counts) => void, string>();
  let due: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;

  const recountNow = async () => {
    due = undefined;
    // People who see the same share the totals.
    const counted = new Map<string, Promise<Totals>>();
    for (const [listener, userId] of listeners) {
      const person = await readPerson(store.database.reads, userId, store.clock());
      if (person === undefined) {
        listener(nothing);
        continue;
      }
      const view = await sharedView(store, person);
      const key = JSON.stringify(view);
      const totals = counted.get(key) ?? readTotals(store, view);
      counted.set(key, totals);
      listener(await countsFor(store, person, await totals));
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
