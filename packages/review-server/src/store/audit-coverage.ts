import { sql, type Kysely } from 'kysely';
import { digestFact } from './audit-digest.ts';
import { decisionFacts } from './close-approval.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';

/** A difference between the approvals and the audit. `sequence`: the row, if it is linked. */
export type UnrecordedChange = { sequence: number | null; problem: string };

type Entry = { sequence: number | null; subject: string; event: string; at: string; actor: string; facts: string };
type Approval = Pick<
  ApprovalsTable,
  'id' | 'status' | 'reason_code' | 'decided_at' | 'decided_by' | 'details' | 'modified_details' | 'note' | 'audit_key'
>;

const recorded = ['approval-requested', 'approval-decided'];
const pageSize = 100;

/**
 * The first approval that the audit, linked or not, does not record as it is stored: each has one entry of its request,
 * and one of its decision if it is closed. The chain alone does not show that an entry was removed before it was linked.
 */
export async function findUnrecordedChange(kysely: Kysely<ReviewTables>): Promise<UnrecordedChange | undefined> {
  for (let after = ''; ;) {
    // Read before their entries, so the entries of what is seen here are committed.
    const approvals = await readApprovals(kysely).where('id', '>', after).orderBy('id').limit(pageSize).execute();
    const last = approvals.at(-1);
    if (last === undefined) return undefined;
    const entries = new Map<string, Entry[]>();
    for (const entry of await readEntries(
      kysely,
      approvals.map(({ id }) => id),
    ))
      entries.set(entry.subject, [...(entries.get(entry.subject) ?? []), entry]);
    for (const approval of approvals) {
      if (problemOf(approval, entries.get(approval.id) ?? []) === undefined) continue;
      // An approval that was open a moment ago may be decided by now.
      const again = await readApprovals(kysely).where('id', '=', approval.id).executeTakeFirst();
      const found = again && problemOf(again, await readEntries(kysely, [approval.id]));
      if (found !== undefined) return found;
    }
    after = last.id;
  }
}

function problemOf(approval: Approval, entries: readonly Entry[]): UnrecordedChange | undefined {
  const { id, status } = approval;
  const requests = entries.filter(({ event }) => event === 'approval-requested');
  const decisions = entries.filter(({ event }) => event === 'approval-decided');
  const of = (what: string, found: readonly Entry[], wanted: number) =>
    found.length === wanted
      ? undefined
      : { sequence: null, problem: `Approval ${id} is ${status}, but ${found.length} entries record ${what}.` };
  const differs = ({ sequence }: Entry) => ({
    sequence,
    problem: `The entry of approval ${id} differs from the approval as it is stored.`,
  });
  const miscounted = of('its request', requests, 1) ?? of('its decision', decisions, status === 'PENDING' ? 0 : 1);
  if (miscounted !== undefined) return miscounted;
  const [request, decision] = [requests[0]!, decisions[0]];
  if (!agrees(request, digestFact('details', approval.details, approval.audit_key))) return differs(request);
  if (decision === undefined) return undefined;
  const byPerson = approval.decided_by === null || decision.actor === `reviewer:${approval.decided_by}`;
  return byPerson && decision.at === approval.decided_at && agrees(decision, decisionFacts(approval))
    ? undefined
    : differs(decision);
}

function agrees(entry: Entry, expected: Record<string, unknown>): boolean {
  const facts = JSON.parse(entry.facts) as Record<string, unknown>;
  return Object.entries(expected).every(([name, value]) => facts[name] === value);
}

function readApprovals(kysely: Kysely<ReviewTables>) {
  return kysely
    .selectFrom('approvals')
    .select([
      'id',
      'status',
      'reason_code',
      'decided_at',
      'decided_by',
      'details',
      'modified_details',
      'note',
      'audit_key',
    ]);
}

async function readEntries(kysely: Kysely<ReviewTables>, ids: readonly string[]): Promise<Entry[]> {
  const columns = ['subject', 'event', 'at', 'actor', 'facts'] as const;
  return kysely
    .selectFrom('audit')
    .select([...columns, sql<number | null>`sequence`.as('sequence')])
    .where('subject', 'in', ids)
    .where('event', 'in', recorded)
    .unionAll(
      kysely
        .selectFrom('audit_pending')
        .select([...columns, sql<number | null>`cast(null as integer)`.as('sequence')])
        .where('subject', 'in', ids)
        .where('event', 'in', recorded),
    )
    .execute();
}
