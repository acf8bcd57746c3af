import type { Claim } from '../src/contract/desk.ts';
import type { ApprovalSummary } from '../src/contract/reviewer-api.ts';

type Ending = Pick<
  ApprovalSummary,
  'kind' | 'status' | 'decisionReasonCode' | 'decidedBy' | 'autoDecisionRuleName' | 'edited'
>;

const outcomeSuffix = ':outcome-unknown';

/** The tool of a request. An outcome question carries the tool in its action. */
export function toolOf({ action, kind }: Pick<ApprovalSummary, 'action' | 'kind'>): string {
  return kind === 'outcome' && action.endsWith(outcomeSuffix) ? action.slice(0, -outcomeSuffix.length) : action;
}

/** The request in one sentence: the requester's summary, or the outcome question. */
export function headline(approval: Pick<ApprovalSummary, 'action' | 'kind' | 'summary'>): string {
  if (approval.kind === 'outcome') return `Did ${toolOf(approval)} happen?`;
  return approval.summary || approval.action;
}

/** The beginning of a text that must stay on few lines. */
export function shortened(text: string, most = 240): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`;
}

/** The status in one or two words. */
export function statusWord({ kind, status, decisionReasonCode, edited }: Ending): string {
  if (status === 'PENDING') return 'Pending';
  if (kind === 'outcome' && decisionReasonCode === 'person')
    return status === 'REJECTED' ? 'Given up' : edited ? 'Did not happen' : 'Happened';
  if (status === 'APPROVED') return edited ? 'Approved with changes' : 'Approved';
  switch (decisionReasonCode) {
    case 'expired':
      return 'Expired';
    case 'withdrawn':
    case 'superseded':
      return 'Withdrawn';
    default:
      return 'Rejected';
  }
}

/** Who or what closed the request. Follows the status: "Approved by ana", "Expired without a decision". */
export function endedBy({ decisionReasonCode, decidedBy, autoDecisionRuleName }: Ending, me?: string): string {
  switch (decisionReasonCode) {
    case 'person':
      return decidedBy === me ? 'by you' : `by ${decidedBy}`;
    case 'expired':
      return 'without a decision';
    case 'withdrawn':
      return 'by the requester';
    case 'superseded':
      return 'in favour of a newer request';
    case 'limit':
      return 'by the assistant’s request limit';
    case 'loop':
      return 'by loop protection';
    case 'rule':
      return `by the rule “${autoDecisionRuleName}”`;
    default:
      return '';
  }
}

/** "Claimed by you", "Assigned to the group finance by tom". */
export function claimText({ by, isGroup, assignedBy }: Claim, me: string): string {
  const whom = isGroup ? `the group ${by}` : by === me ? 'you' : by;
  if (assignedBy === null) return `Claimed by ${whom}`;
  return `Assigned to ${whom} by ${assignedBy === me ? 'you' : assignedBy}`;
}

/** "1 request", "2 requests". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** The number of requests that need the reviewer. */
export function needsYouText(count: number): string {
  return count === 0 ? 'No requests need you' : `${counted(count, 'request needs', 'requests need')} you`;
}
