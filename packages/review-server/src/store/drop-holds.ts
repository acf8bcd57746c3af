import type { Transaction } from 'kysely';
import { appendAudit } from './audit.ts';
import { heldDecision, readHeld, readHeldSteps } from './held-decision.ts';
import type { StepsTable } from './steps-table.ts';
import type { ReviewTables } from './tables.ts';

/** Why a held decision was not made. */
export type DropReason = 'closed' | 'changed' | 'replaced' | 'paused' | 'not-allowed' | 'invalid';

type Drop = {
  approvalId: string;
  at: string;
  reason: DropReason;
  /** Id of the user. @default everybody's */
  by?: string;
};

/** Drops the held decisions of a locked approval, with an audit row each. Returns their number. */
export async function dropHolds(
  transaction: Transaction<ReviewTables>,
  { approvalId, at, reason, by }: Drop,
): Promise<number> {
  const open = await readHeldSteps(transaction, approvalId);
  const dropped = open.filter((step) => by === undefined || readHeld(step).by === by);
  await dropAll(transaction, dropped, at, reason);
  return dropped.length;
}

/** Drops the held approvals of an assistant that is being paused. Returns the ids of the requests. */
export async function dropHoldsOfAssistant(
  transaction: Transaction<ReviewTables>,
  assistantId: string,
  at: string,
): Promise<string[]> {
  const open = await transaction
    .selectFrom('steps')
    .innerJoin('approvals', 'approvals.id', 'steps.approval_id')
    .selectAll('steps')
    .where('approvals.assistant_id', '=', assistantId)
    .where('kind', '=', heldDecision)
    .where('done_at', 'is', null)
    .execute();
  const dropped = open.filter((step) => !['reject', 'give-up'].includes(readHeld(step).answer.decision));
  await dropAll(transaction, dropped, at, 'paused');
  return dropped.map(({ approval_id: id }) => id);
}

/** Records in the audit that a held decision was not made. */
export async function auditDrop(
  transaction: Transaction<ReviewTables>,
  step: StepsTable,
  at: string,
  reason: DropReason,
): Promise<void> {
  const { name, answer } = readHeld(step);
  await appendAudit(transaction, {
    at,
    actor: 'system',
    event: 'held-decision-dropped',
    subject: step.approval_id,
    facts: { by: name, decision: answer.decision, reason },
  });
}

async function dropAll(
  transaction: Transaction<ReviewTables>,
  steps: readonly StepsTable[],
  at: string,
  reason: DropReason,
): Promise<void> {
  for (const step of steps) {
    const { numUpdatedRows } = await transaction
      .updateTable('steps')
      .set({ done_at: at, result: `dropped: ${reason}` })
      .where('id', '=', step.id)
      .where('done_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) await auditDrop(transaction, step, at, reason);
  }
}
