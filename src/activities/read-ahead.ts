import type { ReviewAnswer } from '@holdpoint/cheqpoint';
import { Context } from '@temporalio/activity';
import type { SettleInput } from '../domain/activities.ts';
import type { ActivityDependencies, Requester } from './context.ts';
import type { RequestRow } from './ports.ts';

/** Reads that run beside the read of the effect ledger. Their failures reach only the code that awaits them. */
export type Ahead = {
  /** All requests of the call, oldest first. */
  rows: Promise<RequestRow[]>;
  /** The answer of the review service on the newest request that has an id. Undefined if there is none. */
  read: Promise<{ id: string; answer: ReviewAnswer } | undefined>;
  /** Ends a read that is no longer needed. */
  stop(): void;
};

/**
 * Begins to read the decision on a call that was sent to review, while the ledger says whether the call has acted. The
 * order of the two does not matter: a decision is final, and one that was read as open is read again after the next hint.
 */
export function readAhead(
  { requests, review, earlyReads }: Pick<ActivityDependencies, 'requests' | 'review' | 'earlyReads'>,
  { call }: SettleInput,
  requester: Requester,
): Ahead {
  const stopped = new AbortController();
  const signal = AbortSignal.any([Context.current().cancellationSignal, stopped.signal]);
  const rows = requests.list(call.key);
  const read = rows.then(async (all) => {
    const newest = all.findLast(({ kind }) => kind === 'call');
    if (!newest?.answered || newest.id === null || stopped.signal.aborted) return undefined;
    const { id } = newest;
    const early = await earlyReads?.take({ assistant: requester.name, requestId: id });
    return { id, answer: early ?? (await review(requester).read(id, signal)) };
  });
  rows.catch(() => undefined);
  read.catch(() => undefined);
  return { rows, read, stop: () => stopped.abort() };
}
