import { type Pause, ReviewFailure } from '@holdpoint/cheqpoint';
import { Context } from '@temporalio/activity';
import type { SettleResult } from '../domain/activities.ts';
import type { ActivityDependencies, Requester } from './context.ts';
import { failure } from './failure.ts';

/** Milliseconds until a held call asks again, longer with each attempt. */
const firstDelayMs = 3_000;
const longestDelayMs = 30_000;

/**
 * Asks, right before a tool starts, whether its assistant is paused. Undefined: the tool may start. While the review
 * server does not answer, no tool starts. An assistant without a Connection Key has no kill switch, and neither has
 * hosted Cheqpoint.
 * @throws AssistantPaused (retried) unless the Workflow shows the pause first; ReviewFailure when it can't be known.
 */
export async function heldByPause(
  { review }: Pick<ActivityDependencies, 'review'>,
  requester: Requester,
  showsPause: boolean,
): Promise<Extract<SettleResult, { type: 'paused' }> | undefined> {
  const { info, cancellationSignal } = Context.current();
  const pause = await serviceOf(review, requester)?.paused(cancellationSignal);
  if (!pause) return undefined;
  if (showsPause) return { type: 'paused', pause };
  throw failure('AssistantPaused', messageOf(requester.name, pause), {
    retryAfterMs: Math.min(firstDelayMs * info.attempt, longestDelayMs),
  });
}

function serviceOf(review: ActivityDependencies['review'], requester: Requester) {
  try {
    return review(requester);
  } catch (error) {
    if (error instanceof ReviewFailure && error.kind === 'access-denied') return undefined;
    throw error;
  }
}

function messageOf(assistant: string, { by, at, reason }: Pause): string {
  const why = reason === null ? '' : ` (${reason})`;
  return `The assistant "${assistant}" was paused by ${by} at ${at}${why}. Its tool starts once an administrator of the review server resumes it.`;
}
