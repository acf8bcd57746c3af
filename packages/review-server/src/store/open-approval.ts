import type { Transaction } from 'kysely';
import type { StoredApproval } from './approval.ts';
import { closeOpen, type Decision } from './close-approval.ts';
import { approvalColumns, selectApprovals } from './select-approvals.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

const ofCurrent = approvalColumns('current');

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
 * Reads the approval under its lock. The lock orders votes, the expiry and the close among processes. `voters`: ids of
 * users, of whom a change that is under way ends first, such as a link of two, which counts open votes. SQLite's
 * transactions are ordered anyway.
 */
export async function lockApproval(
  { database }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  id: string,
  voters: readonly string[] = [],
): Promise<StoredApproval | undefined> {
  const approval = selectApprovals(transaction).where('approvals.id', '=', id);
  if (database.kind === 'sqlite') return approval.executeTakeFirst();
  const locked = approval.forUpdate('approvals');
  if (voters.length === 0) return locked.executeTakeFirst();
  // One round trip. The voters are locked after the approval, since they wait for its row.
  const found = await transaction
    .with('current', () => locked)
    .with('voters', (query) =>
      query
        .selectFrom('users')
        .select('users.id')
        .where('users.id', 'in', voters)
        .where((eb) => eb.exists(eb.selectFrom('current').select('current.id')))
        .orderBy('users.id')
        .forShare(),
    )
    .selectFrom('current')
    .select(ofCurrent)
    .select((eb) => [
      'current.assistant',
      eb
        .selectFrom('voters')
        .select(({ fn }) => fn.countAll().as('count'))
        .as('voters'),
    ])
    .$castTo<StoredApproval & { voters: unknown }>()
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const { voters: _, ...current } = found;
  return current;
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
  if (!isLapsed(approval, store.clock())) return false;
  await close(store, transaction, approval, expiry);
  return true;
}

/** Closes the locked approval, which is open. */
export async function close(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
  decision: Decision,
  deliver = true,
): Promise<void> {
  const { kind } = store.database;
  await closeOpen(transaction, { kind, approval, decision, deliver, now: store.clock() });
}
