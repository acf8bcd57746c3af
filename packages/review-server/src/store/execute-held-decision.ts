import { announceChange } from './approval-changes.ts';
import { castVote, type DecideResult } from './cast-vote.ts';
import { changeOf } from './decisions.ts';
import { auditDrop, type DropReason } from './drop-holds.ts';
import type { ExecuteStep } from './execute-step.ts';
import { readHeld } from './held-decision.ts';

/** Why a result made no decision. `invalid` for all others. */
const reasons: Partial<Record<DecideResult['outcome'], DropReason>> = {
  'already-closed': 'closed',
  changed: 'changed',
  paused: 'paused',
  'not-allowed': 'not-allowed',
  'not-found': 'not-allowed',
};
const made: readonly DecideResult['outcome'][] = ['decided', 'voted', 'edited'];

/**
 * Makes a held decision with all checks of a decision. If one fails, the decision is dropped, the audit says why, and
 * the request stays open.
 */
export const executeHeldDecision: ExecuteStep = async ({ store, transaction, step, now }) => {
  const { by: voter, onBehalfOf, answer } = readHeld(step);
  const result = await castVote(store, transaction, { id: step.approval_id, answer, voter, onBehalfOf });
  if (made.includes(result.outcome))
    return { result: result.outcome, change: changeOf(step.approval_id, result)?.change };
  const reason = reasons[result.outcome] ?? 'invalid';
  await auditDrop(transaction, step, now.toISOString(), reason);
  await announceChange(transaction, store.database.kind, { id: step.approval_id, change: 'changed' });
  return { result: `dropped: ${reason}`, change: 'changed' };
};
