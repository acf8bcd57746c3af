import type { Transaction } from 'kysely';
import { appendAudit } from './audit.ts';
import type { ReviewTables } from './tables.ts';

/** The tables with parts of an approval, in the order in which their rows may go. */
const partTables = [
  'outbox',
  'claims',
  'steps',
  'questions',
  'comments',
  'approval_search',
  'approval_previews',
  'addressees',
  'votes',
  'versions',
  'stages',
] as const;

/** Removed rows by table. */
export type RemovedRows = Record<string, number>;

export type Removal = {
  ids: readonly string[];
  at: string;
  /** Of the audit: `reviewer:<name>` or `system`. */
  actor: string;
  /** Why, without the data of a person. */
  facts: Record<string, string>;
};

/**
 * Removes closed approvals with all their parts. The audit keeps its entries and gets one more for each. The key of their
 * digests goes with the approval, so they tell nothing about its texts.
 */
export async function removeApprovals(
  transaction: Transaction<ReviewTables>,
  { ids, at, actor, facts }: Removal,
): Promise<RemovedRows> {
  if (ids.length === 0) return {};
  const attempts = await transaction
    .deleteFrom('delivery_attempts')
    .where('delivery_id', 'in', (query) => query.selectFrom('outbox').select('id').where('approval_id', 'in', ids))
    .executeTakeFirst();
  const rows: RemovedRows = { delivery_attempts: Number(attempts.numDeletedRows) };
  for (const table of partTables) {
    const { numDeletedRows } = await transaction.deleteFrom(table).where('approval_id', 'in', ids).executeTakeFirst();
    rows[table] = Number(numDeletedRows);
  }
  const { numDeletedRows } = await transaction.deleteFrom('approvals').where('id', 'in', ids).executeTakeFirst();
  rows['approvals'] = Number(numDeletedRows);
  for (const id of ids) await appendAudit(transaction, { at, actor, event: 'approval-removed', subject: id, facts });
  return rows;
}
