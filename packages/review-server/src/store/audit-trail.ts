import { sql, type Kysely, type Selectable } from 'kysely';
import type { AuditEntry, AuditVerdict } from '../contract/audit.ts';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { verifyChain, type ChainedRow, type UnlinkedRow } from '../contract/audit-chain.ts';
import { findUnrecordedChange } from './audit-coverage.ts';
import type { AuditTable, ReviewTables } from './tables.ts';

const pageSize = 1000;
/** A list has this many unlinked entries at most: more than wait unless linking stands still. */
const mostUnlinked = 1000;
/** A server links within a second. Older entries mean that none can. */
const linkedWithinMs = 60_000;

/** The end of the audit at one moment: the head of the chain, and the committed entries that are not in it yet. */
type AuditEnd = { head: { sequence: number; hash: string }; unlinked: UnlinkedRow[] };

/** Every linked row up to the head, oldest first, read in pages, then the unlinked entries. */
export async function* auditRows(kysely: Kysely<ReviewTables>): AsyncGenerator<ChainedRow | UnlinkedRow> {
  const { head, unlinked } = await readEnd(kysely);
  yield* linkedRows(kysely, head.sequence);
  yield* unlinked;
}

/**
 * Verifies the whole chain, that linking does not stand still, and that each request and decision has its entry, also
 * among the unlinked ones.
 */
export async function verifyAudit(kysely: Kysely<ReviewTables>, now = new Date()): Promise<AuditVerdict> {
  const { head, unlinked } = await readEnd(kysely);
  const verdict = await verifyChain(linkedRows(kysely, head.sequence), head);
  if (!verdict.ok) return verdict;
  const oldest = unlinked[0];
  if (oldest !== undefined && now.getTime() - Date.parse(oldest.at) > linkedWithinMs)
    return {
      ok: false,
      sequence: head.sequence + 1,
      problem: `${unlinked.length} entries are not linked to the chain, the oldest since ${oldest.at}. The logs of the review servers say why.`,
    };
  const unrecorded = await findUnrecordedChange(kysely);
  if (unrecorded !== undefined)
    return { ok: false, sequence: unrecorded.sequence ?? head.sequence + 1, problem: unrecorded.problem };
  return { ...verdict, unlinked: unlinked.length };
}

/** Filters and page of a list. */
export type AuditQuery = {
  actor?: string | undefined;
  event?: string | undefined;
  subject?: string | undefined;
  limit: number;
  cursor?: string | undefined;
};

/**
 * The newest first. The first page begins with the unlinked entries, beyond `limit`. `nextCursor` is null on the last
 * page.
 */
export async function listAudit(
  kysely: Kysely<ReviewTables>,
  { actor, event, subject, limit, cursor }: AuditQuery,
): Promise<{ entries: AuditEntry[]; nextCursor: string | null }> {
  const linked = kysely
    .selectFrom('audit')
    .select([...columns, ...linkedColumns])
    .$if(actor !== undefined, (query) => query.where('actor', '=', actor!))
    .$if(event !== undefined, (query) => query.where('event', '=', event!))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject!))
    .$if(cursor !== undefined, (query) => query.where('sequence', '<', Number(cursor) || 0))
    .orderBy('sequence', 'desc')
    .limit(limit + 1);
  const unlinked = kysely
    .selectFrom('audit_pending')
    .select([...columns, ...unlinkedColumns])
    .$if(actor !== undefined, (query) => query.where('actor', '=', actor!))
    .$if(event !== undefined, (query) => query.where('event', '=', event!))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject!))
    .orderBy('entry', 'desc')
    .limit(cursor === undefined ? mostUnlinked : 0);
  // One statement: an entry that is linked meanwhile appears once.
  const rows = await kysely
    .selectFrom(unlinked.as('unlinked'))
    .selectAll()
    .unionAll(kysely.selectFrom(linked.as('linked')).selectAll())
    .execute();
  const byEntry = rows.filter((row) => row.entry !== null).toSorted((a, b) => b.entry! - a.entry!);
  const bySequence = rows.filter((row) => row.entry === null).toSorted((a, b) => b.sequence! - a.sequence!);
  const page = bySequence.slice(0, limit);
  return {
    entries: [...byEntry, ...page].map((row) => toEntry(row as ChainedRow | UnlinkedRow)),
    nextCursor: bySequence.length > limit ? String(page.at(-1)!.sequence) : null,
  };
}

/** A row as lists and exports show it. */
export function toEntry({ facts, previous_hash, ...row }: ChainedRow | UnlinkedRow): AuditEntry {
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

const columns = ['at', 'actor', 'event', 'subject', 'facts'] as const;
const linkedColumns = [
  sql<number | null>`sequence`.as('sequence'),
  sql<string | null>`previous_hash`.as('previous_hash'),
  sql<string | null>`hash`.as('hash'),
  sql<number | null>`cast(null as integer)`.as('entry'),
] as const;
const unlinkedColumns = [
  sql<number | null>`cast(null as integer)`.as('sequence'),
  sql<string | null>`cast(null as text)`.as('previous_hash'),
  sql<string | null>`cast(null as text)`.as('hash'),
  sql<number | null>`entry`.as('entry'),
] as const;

async function* linkedRows(kysely: Kysely<ReviewTables>, newest: number): AsyncGenerator<Selectable<AuditTable>> {
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

// One statement, so that no entry is missing from both and none is in both.
async function readEnd(kysely: Kysely<ReviewTables>): Promise<AuditEnd> {
  const rows = await kysely
    .selectFrom('audit_head')
    .leftJoin('audit_pending', (join) => join.onTrue())
    .select(['audit_head.sequence', 'audit_head.hash', ...columns.map((name) => `audit_pending.${name}` as const)])
    .orderBy('audit_pending.entry')
    .execute();
  const { sequence, hash } = rows[0]!;
  return {
    head: { sequence, hash },
    unlinked: rows.flatMap(({ at, actor, event, subject, facts }) =>
      at === null || actor === null || event === null || subject === null || facts === null
        ? []
        : [{ at, actor, event, subject, facts, sequence: null, previous_hash: null, hash: null }],
    ),
  };
}
