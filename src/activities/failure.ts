import { ApplicationFailure } from '@temporalio/common';
import { failureEffect, type FailureType } from '../domain/failures.ts';
import { ModelFailure } from '../domain/model-failure.ts';
import { ReviewFailure } from '@holdpoint/cheqpoint';

/** One of Holdpoint's failures as Temporal knows it: whether it is tried again follows from its type. */
export function failure(
  type: FailureType,
  message: string,
  options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: failureEffect(type) !== 'retry',
    ...(options.retryAfterMs === undefined ? {} : { nextRetryDelay: options.retryAfterMs }),
    ...(options.cause instanceof Error ? { cause: options.cause } : {}),
  });
}

/** Of an attempt whose lease was missed, before it acts. */
export function tooOld(): ApplicationFailure {
  return failure(
    'AttemptTooOld',
    'This worker was held up for so long that another attempt may have begun, so this one did not act.',
  );
}

const reviewFailureTypes = {
  unavailable: 'ReviewUnavailable',
  'access-denied': 'ReviewAccessDenied',
  refused: 'ReviewRequestRefused',
  gone: 'ReviewRequestGone',
} as const satisfies Record<ReviewFailure['kind'], FailureType>;

/** What an adapter threw, as Temporal knows it. Anything unclassified passes: Temporal tries again. */
export function toTemporalFailure(error: unknown): unknown {
  if (error instanceof ModelFailure) return failure(error.type, error.message, { retryAfterMs: error.retryAfterMs });
  if (error instanceof ReviewFailure)
    return failure(reviewFailureTypes[error.kind], error.message, { retryAfterMs: error.retryAfterMs });
  return error;
}
