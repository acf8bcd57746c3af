import { PostgresAdapter, type Transaction } from 'kysely';
import { auditHash } from '../contract/audit-chain.ts';
import type { ReviewTables } from './tables.ts';

/** Recorded events. */
export type AuditEvent =
  | 'approval-requested'
  | 'approval-claimed'
  | 'approval-released'
  | 'approval-decided'
  | 'delivery-resent'
  | 'key-added'
  | 'key-used'
  | 'key-rotated'
  | 'key-revoked'
  | 'assistant-paused'
  | 'assistant-resumed'
  | 'limits-changed'
  | 'rule-added'
  | 'rule-changed'
  | 'rule-removed'
  | 'user-added'
  | 'roles-changed'
  | 'user-removed'
  | 'password-changed'
  | 'signed-in'
  | 'sign-in-failed'
  | 'signed-out';

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
 * Appends to the hash chain in the caller's transaction. Call it last: it locks the chain's head until the transaction
 * ends.
 */
export async function appendAudit(transaction: Transaction<ReviewTables>, entry: NewAuditEntry): Promise<void> {
  const head = await transaction
    .updateTable('audit_head')
    .set((column) => ({ sequence: column('sequence', '+', 1) }))
    .where('id', '=', 1)
    .returning(['sequence', 'hash'])
    .executeTakeFirstOrThrow();
  const row = { ...entry, facts: JSON.stringify(entry.facts), sequence: head.sequence, previous_hash: head.hash };
  const hash = auditHash(row);
  // One round trip less while the head is locked: every decision waits for it. SQLite has no inserts in a `with`.
  if (transaction.getExecutor().adapter instanceof PostgresAdapter) {
    await transaction
      .with('appended', (database) => database.insertInto('audit').values({ ...row, hash }))
      .updateTable('audit_head')
      .set({ hash })
      .where('id', '=', 1)
      .execute();
    return;
  }
  await transaction
    .insertInto('audit')
    .values({ ...row, hash })
    .execute();
  await transaction.updateTable('audit_head').set({ hash }).where('id', '=', 1).execute();
}
