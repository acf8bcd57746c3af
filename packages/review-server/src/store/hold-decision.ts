import type { Transaction } from 'kysely';
import { announceChange } from './approval-changes.ts';
import { digestFact } from './audit-digest.ts';
import { appendAudit } from './audit.ts';
import { dropHolds } from './drop-holds.ts';
import { heldDecision, type HeldDecision } from './held-decision.ts';
import type { ReviewStore } from './review-store.ts';
import { addStep } from './steps.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';

/** For how long a decision is held, and with which others. */
export type HoldOptions = { seconds: number; batch?: string | undefined };

/**
 * Holds a decision on a locked approval for some seconds. It replaces one that the same person holds. The caller has
 * made all checks of a decision. `executeHeldDecision` makes them again at the end.
 */
export async function holdDecision(
  { clock, database }: Pick<ReviewStore, 'clock' | 'database'>,
  transaction: Transaction<ReviewTables>,
  {
    approval: { id: approvalId, audit_key },
    hold: { seconds, batch },
    held,
  }: { approval: Pick<ApprovalsTable, 'id' | 'audit_key'>; hold: HoldOptions; held: HeldDecision },
): Promise<void> {
  const now = clock();
  const at = now.toISOString();
  await dropHolds(transaction, { approvalId, at, reason: 'replaced', by: held.by });
  const dueAt = new Date(now.getTime() + seconds * 1000);
  await addStep(transaction, { approvalId, kind: heldDecision, dueAt, facts: { ...held, batch } }, now);
  await announceChange(transaction, database.kind, { id: approvalId, change: 'changed' });
  await appendAudit(transaction, {
    at,
    actor: `reviewer:${held.name}`,
    event: 'decision-held',
    subject: approvalId,
    facts: { decision: held.answer.decision, seconds, ...digestFact('shown', held.answer.shown, audit_key) },
  });
}
