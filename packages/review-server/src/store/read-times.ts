import type { Kysely } from 'kysely';
import type { ApprovalTimes } from '../contract/times.ts';
import type { TimelineEntry } from '../contract/reviewer-api.ts';
import type { StoredApproval } from './approval.ts';
import { escalation, reminder, type EscalationFacts } from './plan-times.ts';
import type { ReviewTables } from './tables.ts';

/** The times of an open approval. Null if it has none. */
export async function readApprovalTimes(
  kysely: Kysely<ReviewTables>,
  approval: StoredApproval,
): Promise<ApprovalTimes | null> {
  if (approval.status !== 'PENDING') return null;
  const steps = await kysely
    .selectFrom('steps')
    .select(['kind', 'facts', 'due_at', 'done_at', 'result'])
    .where('approval_id', '=', approval.id)
    .where('kind', 'in', [reminder, escalation])
    .orderBy('due_at')
    .execute();
  if (steps.length === 0) return null;
  const of = (kind: string) => steps.filter((each) => each.kind === kind);
  const escalations = of(escalation).filter(({ facts }) => isOfTurn(facts, approval));
  const next = escalations.find(({ done_at }) => done_at === null);
  return {
    dueAt: next?.due_at ?? null,
    asksThen: next === undefined ? null : ((JSON.parse(next.facts) as EscalationFacts).to[0] ?? null),
    remindedAt: of(reminder).findLast(({ result }) => result === 'executed')?.done_at ?? null,
    asked: escalations.flatMap(({ done_at, result }) =>
      done_at !== null && result?.startsWith(escalatedTo)
        ? [{ who: result.slice(escalatedTo.length), at: done_at }]
        : [],
    ),
  };
}

/** When those whose turn it is are due, or were due when others were asked, by approval. One query for a page. */
export async function readDueTimes(
  kysely: Kysely<ReviewTables>,
  approvals: readonly StoredApproval[],
): Promise<Map<string, string>> {
  const open = new Map(approvals.filter(({ status }) => status === 'PENDING').map((each) => [each.id, each]));
  if (open.size === 0) return new Map();
  const steps = await kysely
    .selectFrom('steps')
    .select(['approval_id', 'facts', 'due_at', 'result'])
    .where('approval_id', 'in', [...open.keys()])
    .where('kind', '=', escalation)
    .orderBy('due_at', 'desc')
    .execute();
  return new Map(
    steps.flatMap(({ approval_id: id, facts, due_at: dueAt, result }) =>
      result !== 'dropped' && isOfTurn(facts, open.get(id)!) ? [[id, dueAt]] : [],
    ),
  );
}

function isOfTurn(facts: string, { stage, version }: StoredApproval): boolean {
  const of = JSON.parse(facts) as EscalationFacts;
  return of.stage === stage && of.version === version;
}

/** Begin of the result of an escalation. */
export const escalatedTo = 'escalated to ';

/** Events in the audit. */
export const timeEvents = ['approval-reminded', 'approval-escalated', 'approval-overdue'];

/** An event of `timeEvents` in the timeline. */
export function timeEntry(at: string, event: string, facts: string): TimelineEntry {
  const { to, passedOver } = JSON.parse(facts) as { to?: string | null; passedOver?: string | null };
  const passed = passedOver ? `. In ${passedOver} nobody can approve it` : '';
  const actor = 'the system';
  if (event === 'approval-reminded') return { at, actor, event: 'reminded', text: 'reminded those whose turn it is' };
  if (event === 'approval-overdue') return { at, actor, event: 'overdue', text: `marked it as overdue${passed}` };
  return {
    at,
    actor,
    event: 'escalated',
    text: `asked ${to === 'admins' ? 'the administrators' : to} too, since it was due${passed}`,
  };
}
