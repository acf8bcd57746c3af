import { ApplicationFailure } from '@temporalio/common';
import { failureEffect, type FailureType } from '../domain/failures.ts';
import { ModelFailure } from '../domain/model-failure.ts';
import { ReviewFailure } from '@holdpoint/cheqpoint';

/** A server that asks for a longer pause is asked again after this one, so that no run waits for years. */
const longestRetryAfterMs = 24 * 3_600_000;

/** A failure of Holdpoint for Temporal. Its type decides whether Temporal retries. */
export function failure(
  type: FailureType,
  message: string,
  options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
): ApplicationFailure {
  const made = ApplicationFailure.create({
    type,
    message,
    nonRetryable: failureEffect(type) !== 'retry',
    ...(options.retryAfterMs === undefined
      ? {}
      : { nextRetryDelay: Math.min(options.retryAfterMs, longestRetryAfterMs) }),
    ...(options.cause instanceof Error ? { cause: options.cause } : {}),
  });
  // The cause's stack has the user's lines. A second one of ours could exceed Temporal's limit for a pending failure.
  if (made.cause) made.stack = `${type}: ${message}`;
  return made;
}

/** Thrown by an attempt that lost its lease, before it acts. */
export function attemptTooOld(): ApplicationFailure {
  return failure(
    'AttemptTooOld',
    'This worker was blocked for longer than the heartbeat timeout, so another attempt may have begun. This one did not act.',
  );
}

const reviewFailureTypes = {
  unavailable: 'ReviewUnavailable',
  'access-denied': 'ReviewAccessDenied',
  refused: 'ReviewRequestRefused',
  gone: 'ReviewRequestGone',
  unreadable: 'ReviewUnreadable',
} as const satisfies Record<ReviewFailure['kind'], FailureType>;

/** An error of an adapter for Temporal. Unclassified errors pass through, and Temporal retries them. */
export function toTemporalFailure(error: unknown): unknown {
  if (error instanceof ModelFailure) return failure(error.type, error.message, { retryAfterMs: error.retryAfterMs });
  if (error instanceof ReviewFailure)
    return failure(reviewFailureTypes[error.kind], error.message, { retryAfterMs: error.retryAfterMs });
  return error;
}
