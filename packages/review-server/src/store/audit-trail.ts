import type { Kysely, Selectable } from 'kysely';
import type { AuditEntry, AuditVerdict } from '../contract/review-admin.ts';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { verifyChain } from '../contract/audit-chain.ts';
import type { AuditTable, ReviewTables } from './tables.ts';

const pageSize = 1000;

/** Every row up to the newest at the start of the call, oldest first, read in pages. */
export async function* auditRows(kysely: Kysely<ReviewTables>, upTo?: number): AsyncGenerator<Selectable<AuditTable>> {
  const newest = upTo ?? (await readHead(kysely)).sequence;
  for (let after = 0; after < newest;) {
    const rows = await kysely
      .selectFrom('audit')
      .selectAll()
      .where('sequence', '>', after)
      .where('sequence', '<=', newest)
      .orderBy('sequence')
      .limit(pageSize)
      .execute();
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
}

/** Verifies the whole chain. */
export async function verifyAudit(kysely: Kysely<ReviewTables>): Promise<AuditVerdict> {
  const head = await readHead(kysely);
  return verifyChain(auditRows(kysely, head.sequence), head);
}

/** Filters and page of a list. */
export type AuditQuery = {
  actor?: string | undefined;
  event?: string | undefined;
  subject?: string | undefined;
  limit: number;
  cursor?: string | undefined;
};

/** The newest rows first. `nextCursor` is null on the last page. */
export async function listAudit(
  kysely: Kysely<ReviewTables>,
  { actor, event, subject, limit, cursor }: AuditQuery,
): Promise<{ entries: AuditEntry[]; nextCursor: string | null }> {
  const rows = await kysely
    .selectFrom('audit')
    .selectAll()
    .$if(actor !== undefined, (query) => query.where('actor', '=', actor!))
    .$if(event !== undefined, (query) => query.where('event', '=', event!))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject!))
    .$if(cursor !== undefined, (query) => query.where('sequence', '<', Number(cursor) || 0))
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute();
  const entries = rows.slice(0, limit).map(toEntry);
  return { entries, nextCursor: rows.length > limit ? String(entries.at(-1)!.sequence) : null };
}

/** A row as lists and exports show it. */
export function toEntry({ facts, previous_hash, ...row }: Selectable<AuditTable>): AuditEntry {
  return {
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    event: row.event,
    subject: row.subject,
    facts: JSON.parse(facts) as WireObject,
    previousHash: previous_hash,
    hash: row.hash,
  };
}

async function readHead(kysely: Kysely<ReviewTables>): Promise<{ sequence: number; hash: string }> {
  return kysely.selectFrom('audit_head').select(['sequence', 'hash']).executeTakeFirstOrThrow();
}
