import type { ReviewAnswer } from '../review.ts';
import type { JsonObject } from '@holdpoint/json';
import { CheqpointError, RejectedError } from './errors.ts';
import type { CheckpointResult, RequestResult, RequestStatus } from './requests.ts';

/** An answer in the words of `requestSync`; whatever is not decided is `pending`. */
export function requestResult(answer: ReviewAnswer, approvalId: string | null): RequestResult {
  const { status, modifiedDetails, note } = answer;
  if (status === 'approved') return { status, approvalId, modifiedDetails, decisionNote: note };
  if (status === 'rejected') return { status, approvalId, modifiedDetails: null, decisionNote: note };
  return pendingResult(approvalId);
}

/** No decision yet. */
export function pendingResult(approvalId: string | null): RequestResult {
  return { status: 'pending', approvalId, modifiedDetails: null, decisionNote: null };
}

/**
 * A decision in the words of `checkpoint`; `asked` is what was sent, for a service that does not repeat it.
 *
 * @throws RejectedError; CheqpointError for an edit that leaves out keys, unless these are merged.
 */
export function checkpointResult(
  answer: ReviewAnswer,
  id: string,
  asked: JsonObject,
  edits: 'replace' | 'merge',
): CheckpointResult {
  const { modifiedDetails, note } = answer;
  if (answer.status !== 'approved')
    throw new RejectedError(`The request ${id} was rejected${note === null ? '.' : `: ${note}`}`, { id, note });
  // What the reviewer saw comes before what this process remembers.
  const details = answer.details ?? asked;
  return {
    id,
    status: 'APPROVED',
    details,
    modifiedDetails,
    responseNotes: note,
    effectiveDetails: effective(id, details, modifiedDetails, edits),
  };
}

function effective(id: string, details: JsonObject, edit: JsonObject | null, edits: 'replace' | 'merge'): JsonObject {
  if (edit === null) return details;
  if (edits === 'merge') return { ...details, ...edit };
  const missing = Object.keys(details).filter((key) => !Object.hasOwn(edit, key));
  if (missing.length === 0) return edit;
  throw new CheqpointError(
    `The request ${id} was approved with an edit that leaves out ${missing.join(', ')}. Nothing may be done with a part of the arguments. If your reviewers write the changed keys only, give the client edits: 'merge'.`,
    { status: 200 },
  );
}

/** An answer in the words of `getRequest`. */
export function requestStatus(answer: ReviewAnswer, id: string): RequestStatus {
  const { status, details, modifiedDetails, note, decidedAt, reasonCode, autoDecided, ruleName, retryable, reviewUrl } =
    answer;
  return {
    id,
    status: status.toUpperCase() as RequestStatus['status'],
    details,
    modifiedDetails,
    decisionNote: note,
    responseNotes: note,
    decidedAt,
    decisionReasonCode: reasonCode,
    autoDecided,
    autoDecisionRuleName: ruleName,
    retryable,
    reviewUrl,
  };
}
