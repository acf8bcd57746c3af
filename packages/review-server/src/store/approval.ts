import {
  type ApprovalAnswer,
  type ApprovalRecord,
  type Conversation,
  type Presets,
  RESERVED_DETAILS_KEY,
  type WireObject,
} from '@holdpoint/cheqpoint/wire';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type { Claim } from '../contract/desk.ts';
import type { Hold } from '../contract/holds.ts';
import type { ApprovalSummary, ReviewerApproval } from '../contract/reviewer-api.ts';
import type { Turn } from '../contract/votes.ts';
import { shownDigest } from '../contract/shown-digest.ts';
import { isJsonObject, parseExactJson } from '@holdpoint/json';
import type { ApprovalsTable } from './tables.ts';

/** A row of the approvals table with the name of its assistant. */
export type StoredApproval = ApprovalsTable & { assistant: string };

/** An approval as Cheqpoint's API shows it, without the review link. */
export function toAnswer(row: ApprovalsTable): Omit<ApprovalAnswer, 'reviewUrl'> {
  const details = toObject(row.details);
  const modifiedDetails = row.modified_details === null ? null : toObject(row.modified_details);
  const removedKeys =
    modifiedDetails === null ? [] : Object.keys(details).filter((key) => !Object.hasOwn(modifiedDetails, key));
  return {
    id: row.id,
    approvalId: row.id,
    status: row.status,
    action: row.action,
    details,
    modifiedDetails,
    ...(removedKeys.length > 0 ? { removedKeys } : {}),
    decisionNote: row.note,
    responseNotes: row.note,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReasonCode: row.reason_code,
    autoDecided: row.reason_code !== null && ['rule', 'limit', 'loop', 'paused'].includes(row.reason_code),
    autoDecisionRuleName: row.rule_name,
    retryable: row.reason_code === 'expired',
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** The marks of open approvals, by the id of the approval. */
export type Marks = {
  /** The claims in force. */
  claims: ReadonlyMap<string, Claim>;
  /** Held decisions. */
  holds: ReadonlyMap<string, Hold[]>;
  /** Whose turn it is in those that take votes. */
  turns: ReadonlyMap<string, Turn>;
  /** The number of questions to the requester without an answer. */
  openQuestions: ReadonlyMap<string, number>;
  /** When those whose turn it is are or were due. */
  dueTimes: ReadonlyMap<string, string>;
};
const noMarks: Marks = {
  claims: new Map(),
  holds: new Map(),
  turns: new Map(),
  openQuestions: new Map(),
  dueTimes: new Map(),
};

/** An approval as lists show it. */
export function toSummary(
  row: StoredApproval,
  { claims, holds, turns, openQuestions, dueTimes }: Marks = noMarks,
): ApprovalSummary {
  const details = toObject(row.details);
  return {
    id: row.id,
    kind: asksForOutcome(details) ? 'outcome' : 'call',
    status: row.status,
    action: row.action,
    summary: row.summary,
    assistant: row.assistant,
    agentName: row.agent_name,
    onBehalfOf: row.on_behalf_of ?? personIn(reservedPart(details)?.['context']),
    riskLevel: row.risk_level,
    riskScore: row.risk_score,
    priority: row.priority,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    claim: claimOf(row, claims),
    holds: (row.status === 'PENDING' ? holds.get(row.id) : undefined) ?? [],
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReasonCode: row.reason_code,
    autoDecisionRuleName: row.rule_name,
    edited: row.modified_details !== null,
    turn: turns.get(row.id) ?? null,
    openQuestions: (row.status === 'PENDING' ? openQuestions.get(row.id) : undefined) ?? 0,
    dueAt: (row.status === 'PENDING' ? dueTimes.get(row.id) : undefined) ?? null,
  };
}

function claimOf({ id, status }: StoredApproval, claims: Marks['claims']): Claim | null {
  const claim = status === 'PENDING' ? claims.get(id) : undefined;
  if (claim === undefined) return null;
  const { by, isGroup, assignedBy, at } = claim;
  return { by, isGroup, assignedBy, at };
}

/** The parts of an approval that take further reads. */
type ReadApart =
  'reviewUrl' | 'timeline' | 'comments' | 'deliveries' | 'questions' | 'voting' | 'canDecide' | 'times' | 'preview';

/** An approval as reviewers read it, without the parts that take further reads. */
export function toReviewerApproval(row: StoredApproval, marks?: Marks): Omit<ReviewerApproval, ReadApart> {
  const answer = toAnswer(row);
  const reserved = reservedPart(answer.details);
  const words = reserved?.['justificationFrom'];
  const approval: Omit<ReviewerApproval, ReadApart | 'shown'> = {
    ...answer,
    ...toSummary(row, marks),
    justification: row.justification,
    justificationFrom: words === 'model' || words === 'config' ? words : null,
    riskReason: row.risk_reason ?? riskReason(row, reserved),
    context: reserved?.['context'] ?? null,
    draft: draftIn(reserved?.['draft']),
    conversation: row.conversation === null ? [] : (JSON.parse(row.conversation) as Conversation),
    argumentsSchema: row.arguments_schema === null ? null : toObject(row.arguments_schema),
    runUrl: row.run_url,
    workflowUrl: row.workflow_url,
    atExpiry: row.expires_at === null ? null : atExpiry(asksForOutcome(answer.details)),
    version: row.version,
    proposedDetails: row.proposed_details === null ? null : toObject(row.proposed_details),
    allowSelf: row.allow_self === 1,
    subject: row.subject,
    presets: row.presets === null ? null : (JSON.parse(row.presets) as Presets),
  };
  return { ...approval, shown: shownDigest(approval, row.preview_digest) };
}

/** An approval for the program that asked for it, with the texts that reviewers see. */
export function toRecord(row: StoredApproval): Omit<ApprovalRecord, 'reviewUrl'> {
  const { summary, riskLevel, riskReason: reason, justification, shown } = toReviewerApproval(row);
  return { ...toAnswer(row), summary, riskLevel, riskReason: reason, justification, shown };
}

function personIn(context: unknown): string | null {
  if (typeof context !== 'object' || context === null) return null;
  const named = ['onBehalfOf', 'requestedBy', 'user'].map((key) => (context as WireObject)[key]);
  return named.find((name): name is string => typeof name === 'string' && name !== '') ?? null;
}

function riskReason({ risk_score }: StoredApproval, reserved: WireObject | undefined): string | null {
  const because = reserved?.['because'];
  if (typeof because === 'string' && because !== '') return because;
  return risk_score === null ? null : `The requester scored its risk ${risk_score} of 1.`;
}

function atExpiry(outcome: boolean): string {
  return outcome
    ? 'It closes as expired. The outcome stays unknown, and the assistant learns that.'
    : 'It closes as expired and does not run. The assistant learns that no decision was made.';
}

/** The part of the last approval that was not taken. */
function draftIn(sealed: unknown): ReviewerApproval['draft'] {
  if (!isJsonObject(sealed)) return null;
  const { edit, note } = sealed;
  return { edit: isJsonObject(edit) ? withoutReserved(edit) : null, note: typeof note === 'string' ? note : null };
}

/** Holdpoint's reserved part of the details. */
export function reservedPart(details: WireObject): WireObject | undefined {
  const reserved = details[RESERVED_DETAILS_KEY];
  return isJsonObject(reserved) ? reserved : undefined;
}

/** True for a question about an outcome. It has three answers instead of approve and reject. */
export function asksForOutcome(details: WireObject): boolean {
  return reservedPart(details)?.['kind'] === 'outcome';
}

export function toObject(text: string): WireObject {
  return parseExactJson(text) as WireObject;
}
