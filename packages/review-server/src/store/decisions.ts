import { setImmediate as leaveTheProcess, setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { WITHDRAW_REASONS } from '@holdpoint/cheqpoint/wire';
import type { StoredApproval } from './approval.ts';
import type { ApprovalChange } from './approval-changes.ts';
import { castVote, type DecideOptions, type DecideResult } from './cast-vote.ts';
import { close, closeIfLapsed, expiry, lockApproval, reread } from './open-approval.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** How long a list waits for approvals to be closed, in milliseconds. The sweep closes them later. */
const expiryWaitMs = 1000;

/** How long a decision waits for the answer to its callbacks, in milliseconds. People do not notice it. */
const callbackWaitMs = 30;

/**
 * Records a person's answer in one transaction: see `castVote`. The decision is final. Of several reviewers
 * one makes it, and the others get it. `callbackFirst`: the callbacks have the machine before the reads that answer the
 * reviewer, so that the run goes on sooner.
 */
export async function decide(
  store: ReviewStore,
  { callbackFirst = false, ...options }: DecideOptions & { callbackFirst?: boolean },
): Promise<DecideResult> {
  const { deliver } = store;
  const result = await inTransaction(
    store,
    (transaction) => castVote(store, transaction, { ...options, lease: deliver !== undefined }),
    (made) => changeOf(options.id, made),
  );
  if (result.outcome === 'decided' && result.leased.length > 0) {
    const answered = deliver?.(result.leased);
    // The callbacks leave before the next reads, which SQLite makes without a pause.
    await (callbackFirst ? Promise.race([answered, pause(callbackWaitMs)]) : leaveTheProcess());
  }
  return result;
}

/** The change that a `castVote` made, to publish after its commit. */
export function changeOf(id: string, result: DecideResult): ApprovalChange | undefined {
  const { outcome } = result;
  if (outcome === 'decided') return { id, change: 'closed', sends: result.leased.length > 0 };
  if (outcome === 'already-closed') return { id, change: 'closed' };
  return outcome === 'voted' || outcome === 'edited' || outcome === 'held' ? { id, change: 'changed' } : undefined;
}

/**
 * Closes the assistant's own request if it is still open. Returns it either way. Undefined for another assistant's.
 * Sends no callback: the requester has the answer.
 */
export async function withdraw(
  store: ReviewStore,
  id: string,
  assistant: { id: string; name: string },
  reason: (typeof WITHDRAW_REASONS)[number],
): Promise<StoredApproval | undefined> {
  return inTransaction(
    store,
    async (transaction) => {
      const current = await lockApproval(store, transaction, id);
      if (current === undefined || current.assistant_id !== assistant.id) return undefined;
      if (current.status === 'PENDING' && !(await closeIfLapsed(store, transaction, current))) {
        const note = reason === 'expired' ? expiry.note! : null;
        await close(
          store,
          transaction,
          current,
          {
            status: 'REJECTED',
            reasonCode: reason,
            actor: `assistant:${assistant.name}`,
            note,
          },
          false,
        );
      }
      return reread(transaction, id);
    },
    (approval) => approval && { id, change: 'closed' },
  );
}

/** Closes open approvals past their expiry, at most 100 at a time. Returns the number. */
export async function expireDue(store: ReviewStore): Promise<number> {
  const due = await store.database.reads
    .selectFrom('approvals')
    .select('id')
    .where('status', '=', 'PENDING')
    .where('expires_at', 'is not', null)
    .where('expires_at', '<=', store.clock().toISOString())
    .orderBy('expires_at')
    .limit(100)
    .execute();
  for (const { id } of due) await expireIfDue(store, id);
  return due.length;
}

/** Waits one second at most for `expireDue`, so that a list answers while closing waits for a lock. It never fails. */
export async function expireDueSoon(store: ReviewStore): Promise<void> {
  await Promise.race([expireDue(store).catch(() => 0), pause(expiryWaitMs)]);
}

/** Closes the approval if it is open past its expiry. */
export async function expireIfDue(store: ReviewStore, id: string): Promise<void> {
  await inTransaction(
    store,
    async (transaction) => {
      const current = await lockApproval(store, transaction, id);
      return current !== undefined && (await closeIfLapsed(store, transaction, current));
    },
    (closed) => (closed ? { id, change: 'closed' } : undefined),
  );
}

async function inTransaction<Result>(
  store: ReviewStore,
  work: (transaction: Transaction<ReviewTables>) => Promise<Result>,
  changeIn: (result: Result) => ApprovalChange | undefined,
): Promise<Result> {
  const result = await store.database.kysely.transaction().execute(work);
  const change = changeIn(result);
  if (change !== undefined) store.onChange(change);
  return result;
}
