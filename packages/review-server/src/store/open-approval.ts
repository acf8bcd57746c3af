import type { Transaction } from 'kysely';
import type { StoredApproval } from './approval.ts';
import { closeIfPending, type Decision } from './close-approval.ts';
import { selectApprovals } from './select-approvals.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** The decision on an approval that expires. */
export const expiry: Decision = {
  status: 'REJECTED',
  reasonCode: 'expired',
  actor: 'system',
  note: 'Nobody decided in time.',
};

/** True if the approval is open past its expiry. */
export function isLapsed({ status, expires_at }: StoredApproval, now: Date): boolean {
  return status === 'PENDING' && expires_at !== null && expires_at <= now.toISOString();
}

/**
 * Reads the approval under its lock. The lock orders votes, the expiry and the close among processes. SQLite's
 * transactions are ordered anyway.
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

/** The approval as this transaction left it. */
export async function reread(transaction: Transaction<ReviewTables>, id: string): Promise<StoredApproval> {
  return selectApprovals(transaction).where('approvals.id', '=', id).executeTakeFirstOrThrow();
}

/** Closes the locked approval as expired if it is past its expiry. */
export async function closeIfLapsed(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
): Promise<boolean> {
  return isLapsed(approval, store.clock()) && (await close(store, transaction, approval.id, expiry));
}

/** Closes the approval if it is open. */
export async function close(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  id: string,
  decision: Decision,
  deliver = true,
): Promise<boolean> {
  const { kind } = store.database;
  return (await closeIfPending(transaction, { kind, id, decision, deliver, now: store.clock() })) !== undefined;
}
