import type { Transaction } from 'kysely';
import type { DecisionReasonCode, WireObject } from '@holdpoint/cheqpoint/wire';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { toAnswer, type StoredApproval } from './approval.ts';
import { notifying } from './approval-changes.ts';
import { digestFact } from './audit-digest.ts';
import { auditing, type NewAuditEntry } from './audit.ts';
import type { DatabaseKind } from '@holdpoint/database';
import { dropHolds } from './drop-holds.ts';
import type { DueDelivery } from './due-delivery.ts';
import { dropNotifications, insertDelivery, leased, queued } from './outbox.ts';
import { extendSearch } from './search.ts';
import { dropSteps } from './steps.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';
import { type Write, writeTogether } from './together.ts';

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
  /** As it was read under its lock, open. */
  approval: StoredApproval;
  decision: Decision;
  /** False if the requester gets the decision in the answer to its own call. `leased`: to this process. */
  deliver: boolean | 'leased';
  now: Date;
  /** False if the caller knows that no step of the approval is open. @default true */
  mayHaveSteps?: boolean;
  /** Further writes of the decision. @default none */
  writes?: readonly Write[];
};

/** The closed approval, and its deliveries that are leased to this process. */
export type Closed = { approval: StoredApproval; leased: DueDelivery[] };

/**
 * Closes an open approval, with its audit row and deliveries, in the caller's transaction, which holds its lock. Every
 * decision goes through here.
 * @throws Error if it is not open, which ends the transaction.
 */
export async function closeOpen(
  transaction: Transaction<ReviewTables>,
  { kind, approval, decision, deliver, now, mayHaveSteps = true, writes = [] }: Close,
): Promise<Closed> {
  const { id } = approval;
  const at = now.toISOString();
  const set = {
    status: decision.status,
    modified_details: decision.modifiedDetails == null ? null : JSON.stringify(decision.modifiedDetails),
    note: decision.note ?? null,
    decided_at: at,
    decided_by: decision.decidedBy ?? null,
    reason_code: decision.reasonCode,
    rule_name: decision.ruleName ?? null,
  };
  const closed = { ...approval, ...set };
  if (mayHaveSteps) {
    await dropHolds(transaction, { approvalId: id, at, reason: 'closed' });
    await dropSteps(transaction, id, at);
  }
  const deliveries = deliver === false ? [] : deliveriesOf(closed, at);
  const leasedOnes = deliver === 'leased' ? deliveries.map((each) => leased(each)) : [];
  const rows = deliver === 'leased' ? leasedOnes : deliveries.map((each) => queued(each));
  const closing = transaction
    .updateTable('approvals')
    .set(set)
    .where('id', '=', id)
    .where('status', '=', 'PENDING')
    .returning('id');
  const rowsClosed = await writeTogether(
    transaction,
    kind,
    [
      closing,
      ...writes,
      transaction.deleteFrom('claims').where('approval_id', '=', id),
      ...extendSearch(
        transaction,
        id,
        decision.note,
        decision.decidedBy,
        decision.modifiedDetails && withoutReserved(decision.modifiedDetails),
      ),
      dropNotifications(transaction, id, at),
      ...rows.map((row) => insertDelivery(transaction, row)),
      auditing(transaction, {
        at,
        actor: decision.actor,
        event: 'approval-decided',
        subject: id,
        facts: { ...decisionFacts(closed), ...decision.facts },
      }),
    ],
    notifying({ id, change: 'closed' }),
  );
  if (rowsClosed !== 1) throw new Error(`The approval ${id} is not open, so it can't be closed.`);
  return { approval: closed, leased: leasedOnes };
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

function deliveriesOf(closed: ApprovalsTable, at: string) {
  const body = JSON.stringify(toAnswer(closed));
  return (JSON.parse(closed.callback_urls) as string[]).map(
    (url) => ({ kind: 'decision', approvalId: closed.id, url, body, at }) as const,
  );
}
