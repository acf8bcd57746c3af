/**
 * All failures of Holdpoint's Activities and Workflow, by their Temporal failure type. `park`: the run stops until the
 * cause is fixed and `runs retry` resumes it. `fail`: the run ends. `retry`: Temporal retries. docs/errors.md has a row
 * for each. A test compares.
 */
export const failures = {
  ModelUnavailable: { effect: 'retry', says: 'The model could not be reached, or answered with a temporary error.' },
  ModelRateLimited: { effect: 'retry', says: 'The model asked for a pause.' },
  ModelKeepsFailing: { effect: 'park', says: 'The model failed on every attempt.' },
  QuotaExhausted: { effect: 'park', says: 'The OpenAI account has no quota left, or billing is not active.' },
  ModelAccessDenied: { effect: 'park', says: 'OPENAI_API_KEY is missing, wrong, or lacks a permission.' },
  ModelRetired: { effect: 'park', says: 'The model or the address was not found.' },
  ModelBlocked: { effect: 'fail', says: 'The model provider refused the content of this run.' },
  ModelRequestRefused: { effect: 'park', says: 'The model provider refused the request as malformed.' },
  ModelContextExceeded: { effect: 'park', says: "The conversation exceeds the model's context." },
  ModelResponseFailed: { effect: 'fail', says: 'The model ended its response as failed.' },
  ModelIncomplete: { effect: 'fail', says: 'The model was cut off before it finished.' },
  ConversationLost: { effect: 'park', says: 'The transcript of this run is not in the database.' },
  CannotContinue: {
    effect: 'fail',
    says: 'The run to continue from is open, was cancelled, does not exist, or has another assistant.',
  },
  MaxTurnsExceeded: { effect: 'fail', says: 'The run used all of its turns.' },
  UnknownAssistant: { effect: 'park', says: 'No assistant of that name is in the config of this worker.' },
  AssistantNotHere: {
    effect: 'retry',
    says: 'This worker has no assistant of that name. Another worker may have it.',
  },
  NoSuchAssistant: { effect: 'fail', says: 'No worker of the Task Queue has ever had an assistant of that name.' },
  InvalidRunInput: { effect: 'fail', says: 'The Workflow was started with an input that is not a run.' },
  ForeignCall: { effect: 'fail', says: 'The Activity was asked to act for a run that it is not part of.' },
  ReviewUnavailable: { effect: 'retry', says: 'The review service could not be reached.' },
  ReviewAccessDenied: { effect: 'park', says: 'The Cheqpoint Connection Key is missing, wrong or revoked.' },
  ReviewRequestRefused: { effect: 'park', says: 'The review service refused the request as malformed.' },
  ReviewRequestGone: { effect: 'park', says: 'The review service no longer has this request.' },
  ReviewUnreadable: { effect: 'park', says: "The review service's answer can't be trusted as a decision." },
  ReviewRejectedBySystem: {
    effect: 'park',
    says: 'The review service rejected the request repeatedly without a reviewer.',
  },
  ReviewDoubtful: {
    effect: 'retry',
    says: 'The reply to a request was lost, so the review service may have it.',
  },
  AssistantPaused: {
    effect: 'retry',
    says: 'The assistant is paused at the review server, so none of its tools starts.',
  },
  ApprovalExpired: {
    effect: 'fail',
    says: "The approval expired without a decision, and the tool has onExpiry: 'fail-run'.",
  },
  ToolAttemptFailed: { effect: 'retry', says: 'The tool threw and may run again.' },
  ToolKeepsFailing: { effect: 'park', says: 'The tool failed ten times, or its schema threw three times.' },
  AttemptTooOld: { effect: 'retry', says: 'The attempt was delayed until another may have begun.' },
} as const;

export type FailureType = keyof typeof failures;
export type FailureEffect = (typeof failures)[FailureType]['effect'];

/** The effect of a Temporal failure type. Undefined for a type that is not Holdpoint's. */
export function failureEffect(type: string | null | undefined): FailureEffect | undefined {
  return type && Object.hasOwn(failures, type) ? failures[type as FailureType].effect : undefined;
}
