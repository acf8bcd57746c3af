import { ActivityFailure, ApplicationFailure, patched } from '@temporalio/workflow';
import { failureEffect, failures, type FailureType } from '../domain/failures.ts';
import type { Parked } from '../domain/run.ts';
import type { ContinueAsNewGate } from './continue-as-new-gate.ts';

/** The turn, or one of its calls. */
export type Parkable = { parked?: Parked; key?: string };

/**
 * Repeats `attempt` until it succeeds. A failure that needs a person parks `place` until `runs retry`: no attempt is
 * made meanwhile. A parked place survives continue-as-new.
 * @throws every failure that ends the run.
 */
export async function withParking<T>(
  place: Parkable,
  gate: ContinueAsNewGate,
  changed: () => void,
  attempt: () => Promise<T>,
): Promise<T> {
  for (;;) {
    if (place.parked) {
      changed();
      await gate.until(() => place.parked === undefined);
      changed();
    }
    try {
      return await attempt();
    } catch (error) {
      place.parked = {
        ...parkedBy(error),
        since: Date.now(),
        ...(place.key === undefined ? {} : { callKey: place.key }),
      };
    }
  }
}

/** The reason that a failed Activity parks with. @throws a failure that does not park. */
function parkedBy(error: unknown): { type: FailureType; message: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) throw error;
  const effect = failureEffect(cause.type);
  // Histories of version 0.1.0 end here. It is asked only for this failure, so that no other history has the marker.
  if (cause.type === 'ModelRequestRefused' && !patched('refused-request-parks')) throw cause;
  if (effect === 'park') return { type: cause.type as FailureType, message: cause.message };
  // A retryable failure arrives here when its attempts are used up. Only `takeTurn` has a limit.
  if (cause.type === 'AssistantNotHere') return { type: 'UnknownAssistant', message: cause.message };
  if (effect === 'retry')
    return { type: 'ModelKeepsFailing', message: `${failures.ModelKeepsFailing.says} Last: ${cause.message}` };
  // The run ends with the cause, since the wrapping failure only says "Activity task failed".
  throw effect === 'fail' ? cause : error;
}
