import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { DecisionReasonCode, WireObject } from '@holdpoint/cheqpoint/wire';
import { sha256 } from '@holdpoint/json/digest';
import { toAnswer, withoutReserved } from './approval.ts';
import { announceChange } from './approval-changes.ts';
import { appendAudit } from './audit.ts';
import type { DatabaseKind } from '@holdpoint/database';
import { dropNotifications } from './outbox.ts';
import { addDecisionToSearch } from './search.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';

/** A final decision, whoever made it. */
export interface Closing {
  status: 'APPROVED' | 'REJECTED';
  reasonCode: DecisionReasonCode;
  actor: string;
  modifiedDetails?: WireObject | null;
  note?: string | null;
  /** Name of the reviewer; only where a person decided. */
  decidedBy?: string;
  ruleName?: string;
  /** False where the asker gets the decision in the answer to its own call. */
  deliver: boolean;
}

/**
 * Closes the approval if it is still open, with its audit row and its deliveries, in the caller's transaction.
 * Returns the closed row, or nothing when it is closed already; then nothing was written. This is the only place
 * that closes.
 */
export async function closeIfPending(
  transaction: Transaction<ReviewTables>,
  kind: DatabaseKind,
  id: string,
  closing: Closing,
  now: Date,
): Promise<ApprovalsTable | undefined> {
  const at = now.toISOString();
  const modified = closing.modifiedDetails == null ? null : JSON.stringify(closing.modifiedDetails);
  const closed = await transaction
    .updateTable('approvals')
    .set({
      status: closing.status,
      modified_details: modified,
      note: closing.note ?? null,
      decided_at: at,
      decided_by: closing.decidedBy ?? null,
      reason_code: closing.reasonCode,
      rule_name: closing.ruleName ?? null,
    })
    .where('id', '=', id)
    .where('status', '=', 'PENDING')
    .returningAll()
    .executeTakeFirst();
  if (closed === undefined) return undefined;
  await transaction.deleteFrom('claims').where('approval_id', '=', id).execute();
  await addDecisionToSearch(
    transaction,
    id,
    closing.note,
    closing.decidedBy,
    closing.modifiedDetails && withoutReserved(closing.modifiedDetails),
  );
  await dropNotifications(transaction, id, at);
  if (closing.deliver) await addDeliveries(transaction, closed, at);
  await announceChange(transaction, kind, { id, change: 'closed' });
  await appendAudit(transaction, {
    at,
    actor: closing.actor,
    event: 'approval-decided',
    subject: id,
    facts: {
      status: closing.status,
      reasonCode: closing.reasonCode,
      detailsSha256: sha256(closed.details),
      modifiedDetailsSha256: modified === null ? null : sha256(modified),
      noteSha256: closed.note === null ? null : sha256(closed.note),
    },
  });
  return closed;
}

async function addDeliveries(
  transaction: Transaction<ReviewTables>,
  closed: ApprovalsTable,
  at: string,
): Promise<void> {
  const body = JSON.stringify(toAnswer(closed));
  for (const url of JSON.parse(closed.callback_urls) as string[]) {
    await transaction
      .insertInto('outbox')
      .values({
        id: randomUUID(),
        kind: 'decision',
        approval_id: closed.id,
        url,
        body,
        created_at: at,
        tried_since: at,
        attempts: 0,
        attempts_before_resend: 0,
        next_attempt_at: at,
      })
      .execute();
  }
}
