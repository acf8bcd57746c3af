import { RESERVED_DETAILS_KEY, type ApprovalAnswer, type ReviewerApproval, type WireObject } from '../../schemas/cheqpoint-wire.ts';
import { parseExactJson } from '../exact-json.ts';
import type { ApprovalsTable } from './tables.ts';

/** A row of the approvals table with the name of its assistant. */
export type StoredApproval = ApprovalsTable & { assistant: string };

/** What everybody is told about an approval, but for the review link. */
export function toAnswer(row: ApprovalsTable): Omit<ApprovalAnswer, 'reviewUrl'> {
  return {
    id: row.id,
    approvalId: row.id,
    status: row.status,
    action: row.action,
    details: toObject(row.details),
    modifiedDetails: row.modified_details === null ? null : toObject(row.modified_details),
    decisionNote: row.note,
    responseNotes: row.note,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReasonCode: row.reason_code,
    autoDecided: row.reason_code === 'rule' || row.reason_code === 'limit' || row.reason_code === 'loop',
    autoDecisionRuleName: row.rule_name,
    retryable: row.reason_code === 'expired',
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** What a reviewer is told. */
export function toReviewerApproval(row: StoredApproval): Omit<ReviewerApproval, 'reviewUrl'> {
  return {
    ...toAnswer(row),
    assistant: row.assistant,
    agentName: row.agent_name,
    summary: row.summary,
    justification: row.justification,
    riskLevel: row.risk_level,
    riskScore: row.risk_score,
    priority: row.priority,
    argumentsSchema: row.arguments_schema === null ? null : toObject(row.arguments_schema),
    runUrl: row.run_url,
    workflowUrl: row.workflow_url,
  };
}

/** The details without Holdpoint's reserved key: what a reviewer sees and edits. */
export function withoutReserved(details: WireObject): WireObject {
  const { [RESERVED_DETAILS_KEY]: _reserved, ...visible } = details;
  return visible;
}

/** Holdpoint's reserved part of the details, or nothing. */
export function reservedPart(details: WireObject): WireObject | undefined {
  const reserved = details[RESERVED_DETAILS_KEY];
  return typeof reserved === 'object' && reserved !== null && !Array.isArray(reserved) ? (reserved as WireObject) : undefined;
}

/** True for a question whether something happened, whose three answers differ from an ordinary approval's. */
export function asksForOutcome(details: WireObject): boolean {
  return reservedPart(details)?.['kind'] === 'outcome';
}

function toObject(text: string): WireObject {
  return parseExactJson(text) as WireObject;
}
