import type { Transaction } from 'kysely';
import type { DecisionReasonCode, WireObject } from '@holdpoint/cheqpoint/wire';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { toAnswer } from './approval.ts';
import { announceChange } from './approval-changes.ts';
import { digestFact } from './audit-digest.ts';
import { appendAudit, type NewAuditEntry } from './audit.ts';
import type { DatabaseKind } from '@holdpoint/database';
import { dropHolds } from './drop-holds.ts';
import { addDelivery, dropNotifications } from './outbox.ts';
import { addDecisionToSearch } from './search.ts';
import { dropSteps } from './steps.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';

/** A final decision by a person, a rule, the requester or the system. */
export type Decision = {
  status: 'APPROVED' | 'REJECTED';
  reasonCode: DecisionReasonCode;
  actor: string;
  modifiedDetails?: WireObject | null;
  note?: string | null;
  /** Name of the reviewer. Only for a person's decision. */
  decidedBy?: string;
  ruleName?: string;
  /** Further facts for the audit. */
  facts?: NewAuditEntry['facts'];
};

type Close = {
  kind: DatabaseKind;
  id: string;
  decision: Decision;
  /** False if the requester gets the decision in the answer to its own call. */
  deliver: boolean;
  now: Date;
};

/**
 * Closes the approval if it is still open, with its audit row and deliveries, in the caller's transaction. Returns the
 * closed row. Undefined if it was closed before, and then nothing is written. Every decision goes through here.
 */
export async function closeIfPending(
  transaction: Transaction<ReviewTables>,
  { kind, id, decision, deliver, now }: Close,
): Promise<ApprovalsTable | undefined> {
  const at = now.toISOString();
  const modified = decision.modifiedDetails == null ? null : JSON.stringify(decision.modifiedDetails);
  const closed = await transaction
    .updateTable('approvals')
    .set({
      status: decision.status,
      modified_details: modified,
      note: decision.note ?? null,
      decided_at: at,
      decided_by: decision.decidedBy ?? null,
      reason_code: decision.reasonCode,
      rule_name: decision.ruleName ?? null,
    })
    .where('id', '=', id)
    .where('status', '=', 'PENDING')
    .returningAll()
    .executeTakeFirst();
  if (closed === undefined) return undefined;
  await transaction.deleteFrom('claims').where('approval_id', '=', id).execute();
  await dropHolds(transaction, { approvalId: id, at, reason: 'closed' });
  await dropSteps(transaction, id, at);
  await addDecisionToSearch(
    transaction,
    id,
    decision.note,
    decision.decidedBy,
    decision.modifiedDetails && withoutReserved(decision.modifiedDetails),
  );
  await dropNotifications(transaction, id, at);
  if (deliver) await addDeliveries(transaction, closed, at);
  await announceChange(transaction, kind, { id, change: 'closed' });
  await appendAudit(transaction, {
    at,
    actor: decision.actor,
    event: 'approval-decided',
    subject: id,
    facts: { ...decisionFacts(closed), ...decision.facts },
  });
  return closed;
}

/** The audit's facts of a closed approval: digests of payloads. */
export function decisionFacts({
  status,
  reason_code,
  details,
  modified_details,
  note,
  audit_key,
}: Pick<
  ApprovalsTable,
  'status' | 'reason_code' | 'details' | 'modified_details' | 'note' | 'audit_key'
>): NewAuditEntry['facts'] {
  return {
    status,
    reasonCode: reason_code,
    ...digestFact('details', details, audit_key),
    ...digestFact('modifiedDetails', modified_details, audit_key),
    ...digestFact('note', note, audit_key),
  };
}

async function addDeliveries(
  transaction: Transaction<ReviewTables>,
  closed: ApprovalsTable,
  at: string,
): Promise<void> {
  const body = JSON.stringify(toAnswer(closed));
  for (const url of JSON.parse(closed.callback_urls) as string[])
    await addDelivery(transaction, { kind: 'decision', approvalId: closed.id, url, body, at });
}
