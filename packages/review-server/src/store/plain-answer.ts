import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { outcomeAnswers, outcomeMeanings } from '../contract/outcome-answers.ts';
import type { ReviewerApproval, ReviewerDecision } from '../contract/reviewer-api.ts';

/** An answer in Cheqpoint's two words. */
type PlainAnswer = { decision: 'approve' | 'reject'; modifiedDetails: WireObject | null };

/**
 * Turns a reviewer's answer into Cheqpoint's two words. An outcome question takes its three answers, or an approval
 * whose edit names the outcome; a plain `approve` or `reject` says too little and is a problem. A call takes `approve`
 * and `reject` only.
 */
export function plainAnswer(
  { id, kind, action, details }: Pick<ReviewerApproval, 'id' | 'kind' | 'action' | 'details'>,
  { decision, modifiedDetails = null }: Pick<ReviewerDecision, 'decision' | 'modifiedDetails'>,
): PlainAnswer | { problem: string } {
  if (kind === 'call') {
    return decision === 'approve' || decision === 'reject'
      ? { decision, modifiedDetails }
      : { problem: `The request ${id} asks whether "${action}" may run. Answer "approve" or "reject".` };
  }
  if (decision === 'approve' && modifiedDetails !== null) {
    const named = modifiedDetails['outcome'];
    if (named === 'happened' || named === 'not_happened') return { decision, modifiedDetails };
  }
  switch (decision) {
    case 'happened':
      return { decision: 'approve', modifiedDetails: null };
    case 'not-happened':
      return { decision: 'approve', modifiedDetails: { ...details, outcome: 'not_happened' } };
    case 'give-up':
      return { decision: 'reject', modifiedDetails: null };
    case 'approve':
    case 'reject':
      return {
        problem: `The request ${id} asks whether a call happened, so "${decision}" is no answer. ${threeAnswers(id)}`,
      };
  }
}

/** The three answers to an outcome question, as decisions of the API and as commands. */
function threeAnswers(id: string): string {
  return `Answer one of: ${outcomeAnswers.map((answer) => `"${answer}" (${outcomeMeanings[answer]}; holdpoint approvals ${answer} ${id})`).join(', ')}.`;
}
