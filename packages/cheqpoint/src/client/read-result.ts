import type { ReviewAnswer } from '../review.ts';
import type { JsonObject } from '@holdpoint/json';
import { CheqpointError, RejectedError } from './errors.ts';
import type { CheckpointResult, RequestResult, RequestStatus } from './requests.ts';

/** Converts an answer to the result of `requestSync`. An answer without a decision is `pending`. */
export function requestResult(answer: ReviewAnswer, approvalId: string | null): RequestResult {
  const { status, modifiedDetails, note } = answer;
  if (status === 'approved') return { status, approvalId, modifiedDetails, decisionNote: note };
  if (status === 'rejected') return { status, approvalId, modifiedDetails: null, decisionNote: note };
  return pendingResult(approvalId);
}

/** The result for a request without a decision. */
export function pendingResult(approvalId: string | null): RequestResult {
  return { status: 'pending', approvalId, modifiedDetails: null, decisionNote: null };
}

/**
 * Converts a decision to the result of `checkpoint`. `sentDetails` are used if the answer does not repeat them.
 *
 * @throws RejectedError for a rejection.
 * @throws CheqpointError for an edit that omits keys, unless `edits` is `merge`.
 */
export function checkpointResult(
  answer: ReviewAnswer,
  { id, sentDetails, edits }: { id: string; sentDetails: JsonObject; edits: 'replace' | 'merge' },
): CheckpointResult {
  const { modifiedDetails, note, removed = [] } = answer;
  if (answer.status !== 'approved')
    throw new RejectedError(`The request ${id} was rejected${note === null ? '.' : `: ${note}`}`, { id, note });
  // The server's copy takes precedence: the reviewer saw that one.
  const details = answer.details ?? sentDetails;
  return {
    id,
    status: 'APPROVED',
    details,
    modifiedDetails,
    responseNotes: note,
    effectiveDetails: applyEdit(modifiedDetails, { id, details, edits, removed }),
  };
}

function applyEdit(
  edit: JsonObject | null,
  {
    id,
    details,
    edits,
    removed,
  }: { id: string; details: JsonObject; edits: 'replace' | 'merge'; removed: readonly string[] },
): JsonObject {
  if (edit === null) return details;
  const kept = Object.entries(details).filter(([key]) => !removed.includes(key));
  if (edits === 'merge') return { ...Object.fromEntries(kept), ...edit };
  const missing = kept.map(([key]) => key).filter((key) => !Object.hasOwn(edit, key));
  if (missing.length === 0) return edit;
  throw new CheqpointError(
    `The request ${id} was approved with an edit that leaves out ${missing.join(', ')}. Do not act on part of the arguments. If your reviewers write the changed keys only, pass edits: 'merge' to the client.`,
    { status: 200 },
  );
}

/** Converts an answer to the result of `getRequest`. */
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
