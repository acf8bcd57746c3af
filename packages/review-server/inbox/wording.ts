import type { ApprovalSummary } from '../src/contract/reviewer-api.ts';

type Ending = Pick<
  ApprovalSummary,
  'kind' | 'status' | 'decisionReasonCode' | 'decidedBy' | 'autoDecisionRuleName' | 'edited'
>;

const OUTCOME_SUFFIX = ':outcome-unknown';

/** The tool that an approval is about; a question about an outcome has it in its action. */
export function toolOf({ action, kind }: Pick<ApprovalSummary, 'action' | 'kind'>): string {
  return kind === 'outcome' && action.endsWith(OUTCOME_SUFFIX) ? action.slice(0, -OUTCOME_SUFFIX.length) : action;
}

/** The approval in one sentence: the asker's, or the question what came of a call. */
export function headline(approval: Pick<ApprovalSummary, 'action' | 'kind' | 'summary'>): string {
  if (approval.kind === 'outcome') return `Did ${toolOf(approval)} happen?`;
  return approval.summary || approval.action;
}

/** The word for how it stands. */
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

/** Who or what ended it, behind the word: "by ana", "nobody decided in time". */
export function endedBy({ decisionReasonCode, decidedBy, autoDecisionRuleName }: Ending, me?: string): string {
  switch (decisionReasonCode) {
    case 'person':
      return decidedBy === me ? 'by you' : `by ${decidedBy}`;
    case 'expired':
      return 'nobody decided in time';
    case 'withdrawn':
      return 'by the asker';
    case 'superseded':
      return 'a newer request replaced it';
    case 'limit':
      return 'by the assistant’s limit';
    case 'loop':
      return 'by loop protection';
    case 'rule':
      return `by the rule “${autoDecisionRuleName}”`;
    default:
      return '';
  }
}

/** "1 approval", "2 approvals". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** How many wait for the person at the screen. */
export function needsYouText(count: number): string {
  return count === 0 ? 'Nothing needs you' : `${counted(count, 'approval needs', 'approvals need')} you`;
}
