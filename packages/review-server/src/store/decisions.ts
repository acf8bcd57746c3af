import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { WITHDRAW_REASONS } from '@holdpoint/cheqpoint/wire';
import type { ReviewerDecision } from '../contract/reviewer-api.ts';
import { toReviewerApproval, type StoredApproval } from './approval.ts';
import { closeIfPending, type Decision } from './close-approval.ts';
import { completeEdit } from './complete-edit.ts';
import { plainAnswer } from './plain-answer.ts';
import { selectApprovals } from './select-approvals.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** Result of a reviewer's decision. `already-closed` carries the final decision. */
export type DecideResult =
  | { outcome: 'decided'; approval: StoredApproval }
  | { outcome: 'already-closed'; approval: StoredApproval }
  | { outcome: 'invalid-edit'; problem: string }
  /** A plain answer to an outcome question, or an outcome answer to a call. */
  | { outcome: 'wrong-answer'; problem: string }
  /** The reviewer decided on something else than the approval as it is stored. */
  | { outcome: 'changed'; approval: StoredApproval }
  /** The kill switch is on: requests of this assistant can't be approved. */
  | { outcome: 'paused'; problem: string }
  | { outcome: 'not-found' };

/** How long a list waits for approvals to be closed, in milliseconds. The sweep closes them later. */
const expiryWaitMs = 1000;

const expiry: Decision = {
  status: 'REJECTED',
  reasonCode: 'expired',
  actor: 'system',
  note: 'Nobody decided in time.',
};

/**
 * Records the reviewer's decision, which is final. Of several reviewers one wins. The others get the winner's decision.
 */
export async function decide(
  store: ReviewStore,
  id: string,
  { shown, note, ...answer }: ReviewerDecision,
  reviewer: string,
): Promise<DecideResult> {
  return inTransaction(
    store,
    async (transaction) => {
      const current = await lockApproval(store, transaction, id);
      if (current === undefined) return { outcome: 'not-found' };
      if (current.status !== 'PENDING' || (await closeIfLapsed(store, transaction, current)))
        return { outcome: 'already-closed', approval: await reread(transaction, id) };
      const approval = toReviewerApproval(current);
      if (shown !== undefined && shown !== approval.shown) return { outcome: 'changed', approval: current };
      const plain = plainAnswer(approval, answer);
      if ('problem' in plain) return { outcome: 'wrong-answer', problem: plain.problem };
      const { decision, modifiedDetails } = plain;
      const paused = decision === 'approve' ? await pauseOf(transaction, current) : undefined;
      if (paused !== undefined) return { outcome: 'paused', problem: paused };
      const edit = completeEdit(approval, modifiedDetails, answer.removed);
      if ('problem' in edit) return { outcome: 'invalid-edit', problem: edit.problem };
      const closed = await close(store, transaction, id, {
        status: decision === 'approve' ? 'APPROVED' : 'REJECTED',
        reasonCode: 'person',
        actor: `reviewer:${reviewer}`,
        decidedBy: reviewer,
        modifiedDetails: edit.modifiedDetails,
        note: note?.trim() ? note : null,
      });
      return { outcome: closed ? 'decided' : 'already-closed', approval: await reread(transaction, id) };
    },
    ({ outcome }) => (outcome === 'decided' || outcome === 'already-closed' ? id : undefined),
  );
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
          id,
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
    (approval) => approval?.id,
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
    (closed) => (closed ? id : undefined),
  );
}

/** True if the approval is open past its expiry. */
export function isLapsed({ status, expires_at }: StoredApproval, now: Date): boolean {
  return status === 'PENDING' && expires_at !== null && expires_at <= now.toISOString();
}

/** Closes a locked approval if it is open past its expiry. Returns whether it did. */
export async function closeIfLapsed(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
): Promise<boolean> {
  return isLapsed(approval, store.clock()) && (await close(store, transaction, approval.id, expiry));
}

async function close(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  id: string,
  decision: Decision,
  deliver = true,
): Promise<boolean> {
  return (
    (await closeIfPending(transaction, {
      kind: store.database.kind,
      id,
      decision,
      deliver,
      now: store.clock(),
    })) !== undefined
  );
}

async function inTransaction<Result>(
  store: ReviewStore,
  work: (transaction: Transaction<ReviewTables>) => Promise<Result>,
  closedId: (result: Result) => string | undefined,
): Promise<Result> {
  const result = await store.database.kysely.transaction().execute(work);
  const id = closedId(result);
  if (id !== undefined) store.onChange({ id, change: 'closed' });
  return result;
}

async function pauseOf(
  transaction: Transaction<ReviewTables>,
  { assistant_id, assistant }: StoredApproval,
): Promise<string | undefined> {
  const { paused_at, paused_by } = await transaction
    .selectFrom('assistants')
    .select(['paused_at', 'paused_by'])
    .where('id', '=', assistant_id)
    .executeTakeFirstOrThrow();
  return paused_at === null
    ? undefined
    : `The assistant "${assistant}" was paused by ${paused_by} at ${paused_at}, so its requests can't be approved. Reject this one, or ask an administrator to resume the assistant.`;
}

/**
 * Reads an approval and locks it until the transaction ends. The lock orders the expiry check and the close among
 * processes. SQLite's transactions are ordered anyway.
 */
export async function lockApproval(
  { database }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  id: string,
): Promise<StoredApproval | undefined> {
  return selectApprovals(transaction)
    .where('approvals.id', '=', id)
    .$if(database.kind === 'postgres', (query) => query.forUpdate('approvals'))
    .executeTakeFirst();
}

async function reread(transaction: Transaction<ReviewTables>, id: string): Promise<StoredApproval> {
  return selectApprovals(transaction).where('approvals.id', '=', id).executeTakeFirstOrThrow();
}
