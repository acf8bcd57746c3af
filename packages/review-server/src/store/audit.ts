import { PostgresAdapter, type Transaction } from 'kysely';
import { auditHash } from '../contract/audit-chain.ts';
import type { AuditEvent } from '../contract/audit-event.ts';
import type { ReviewTables } from './tables.ts';
import type { Write } from './together.ts';

/** One event. `facts` hold digests of payloads, never payloads. */
export type NewAuditEntry = {
  at: string;
  /** `reviewer:<name>`, `assistant:<name>`, `rule:<name>` or `system`. */
  actor: string;
  event: AuditEvent;
  /** Id of the approval, key or rule, or name of the assistant or user. `(unknown user)`: text that is no user's name. */
  subject: string;
  facts: Record<string, string | number | boolean | null>;
};

/**
 * Records an event in the caller's transaction. On PostgreSQL the entry takes no lock, and `linkAudit` adds it to the
 * hash chain after the commit. On SQLite it joins the chain in the transaction.
 */
export async function appendAudit(transaction: Transaction<ReviewTables>, entry: NewAuditEntry): Promise<void> {
  await auditing(transaction, entry).execute();
}

/** The same as one write, to execute together with others. */
export function auditing(transaction: Transaction<ReviewTables>, entry: NewAuditEntry): Write {
  const row = { ...entry, facts: JSON.stringify(entry.facts) };
  return transaction.getExecutor().adapter instanceof PostgresAdapter
    ? transaction.insertInto('audit_pending').values(row)
    : { execute: () => appendToChain(transaction, row) };
}

async function appendToChain(
  transaction: Transaction<ReviewTables>,
  entry: Omit<NewAuditEntry, 'facts'> & { facts: string },
): Promise<void> {
  const head = await transaction
    .updateTable('audit_head')
    .set((column) => ({ sequence: column('sequence', '+', 1) }))
    .where('id', '=', 1)
    .returning(['sequence', 'hash'])
    .executeTakeFirstOrThrow();
  const row = { ...entry, sequence: head.sequence, previous_hash: head.hash };
  const hash = auditHash(row);
  await transaction
    .insertInto('audit')
    .values({ ...row, hash })
    .execute();
  await transaction.updateTable('audit_head').set({ hash }).where('id', '=', 1).execute();
}
