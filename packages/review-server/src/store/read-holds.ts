import type { Kysely } from 'kysely';
import type { Hold, OwnHolds } from '../contract/holds.ts';
import type { Person } from '../policy/may-decide.ts';
import { heldDecision, readHeld } from './held-decision.ts';
import type { StepsTable } from './steps-table.ts';
import type { ReviewTables } from './tables.ts';
import { visibleTo } from './visible.ts';

/** The held decisions of approvals, by the id of the approval, in the order of their times. */
export type Holds = ReadonlyMap<string, Hold[]>;

/** Of these approvals. */
export async function readHolds(reads: Kysely<ReviewTables>, approvalIds: readonly string[]): Promise<Holds> {
  if (approvalIds.length === 0) return new Map();
  const steps = await reads
    .selectFrom('steps')
    .selectAll()
    .where('approval_id', 'in', approvalIds)
    .where('kind', '=', heldDecision)
    .where('done_at', 'is', null)
    .orderBy('due_at')
    .execute();
  const holds = new Map<string, Hold[]>();
  for (const step of steps) holds.set(step.approval_id, [...(holds.get(step.approval_id) ?? []), toHold(step)]);
  return holds;
}

/** The held decisions of one person, on approvals that the person still sees. */
export async function readOwnHolds(reads: Kysely<ReviewTables>, person: Person): Promise<OwnHolds> {
  const visible = await visibleTo(reads, person);
  const steps = await reads
    .selectFrom('steps')
    .innerJoin('approvals', 'approvals.id', 'steps.approval_id')
    .selectAll('steps')
    .select(['action', 'summary'])
    .where('kind', '=', heldDecision)
    .where('done_at', 'is', null)
    .$if(visible !== undefined, (query) => query.where(visible!))
    .orderBy('steps.due_at')
    .execute();
  return {
    holds: steps
      .filter((step) => readHeld(step).by === person.id)
      .map((step) => ({ ...toHold(step), id: step.approval_id, action: step.action, summary: step.summary })),
  };
}

function toHold(step: Pick<StepsTable, 'facts' | 'created_at' | 'due_at'>): Hold {
  const { name, answer, batch = null } = readHeld(step);
  return {
    by: name,
    decision: answer.decision,
    edited: answer.modifiedDetails != null,
    batch,
    heldAt: step.created_at,
    dueAt: step.due_at,
  };
}
