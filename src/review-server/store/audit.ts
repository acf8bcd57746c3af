import type { Kysely, Transaction } from 'kysely';
import { sha256 } from '../digest.ts';
import type { AuditTable, ReviewTables } from './tables.ts';

/** One thing that happened. `facts` hold digests of payloads, never payloads. */
export interface AuditEntry {
  at: string;
  /** `reviewer:<name>`, `assistant:<name>`, `rule:<name>` or `system`. */
  actor: string;
  event: 'key-added' | 'reviewer-added' | 'password-changed' | 'approval-requested' | 'approval-decided' | 'signed-in';
  /** Id of the approval, or name of the key, reviewer. */
  subject: string;
  facts: Record<string, string | number | boolean | null>;
}

/**
 * Appends to the hash chain within the caller's transaction. Call it last there: it holds the chain's
 * head until the transaction ends.
 */
export async function appendAudit(transaction: Transaction<ReviewTables>, entry: AuditEntry): Promise<void> {
  const head = await transaction.updateTable('audit_head').set((column) => ({ sequence: column('sequence', '+', 1) })).where('id', '=', 1).returning(['sequence', 'hash']).executeTakeFirstOrThrow();
  const row = { ...entry, facts: JSON.stringify(entry.facts), sequence: head.sequence, previous_hash: head.hash };
  const hash = hashOf(row);
  await transaction.insertInto('audit').values({ ...row, hash }).execute();
  await transaction.updateTable('audit_head').set({ hash }).where('id', '=', 1).execute();
}

/** Says whether every row follows from the one before, up to the newest; else the first sequence number that does not hold. */
export async function verifyAudit(kysely: Kysely<ReviewTables>): Promise<{ ok: true; rows: number } | { ok: false; sequence: number }> {
  const head = await kysely.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
  let previous = { sequence: 0, hash: '' };
  while (previous.sequence < head.sequence) {
    const rows = await kysely.selectFrom('audit').selectAll().where('sequence', '>', previous.sequence).where('sequence', '<=', head.sequence).orderBy('sequence').limit(1000).execute();
    const wanted = previous.sequence + 1;
    if (rows.length === 0) return { ok: false, sequence: wanted };
    for (const row of rows) {
      if (row.sequence !== previous.sequence + 1 || row.previous_hash !== previous.hash || row.hash !== hashOf(row)) return { ok: false, sequence: previous.sequence + 1 };
      previous = row;
    }
  }
  return head.hash === previous.hash ? { ok: true, rows: head.sequence } : { ok: false, sequence: head.sequence };
}

function hashOf({ sequence, at, actor, event, subject, facts, previous_hash }: Omit<AuditTable, 'hash'>): string {
  return sha256(JSON.stringify([previous_hash, sequence, at, actor, event, subject, facts]));
}
