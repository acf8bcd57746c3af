import { ActivityFailure, ApplicationFailure, patched } from '@temporalio/workflow';
import { failureEffect, failures, type FailureType } from '../domain/failures.ts';
import type { Parked } from '../domain/run.ts';
import type { ContinueAsNewGate } from './continue-as-new-gate.ts';

/** Something that can stand still until somebody says `runs retry`: the turn, or one of its calls. */
export type Parkable = { parked?: Parked; key?: string };

/**
 * Tries until it works; a failure that needs somebody parks `place` and waits for `runs retry`. No attempt is spent
 * meanwhile, and what parks survives continue-as-new.
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

/** What a failed Activity parks as; rethrows what does not park. */
function parkedBy(error: unknown): { type: FailureType; message: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) throw error;
  const effect = failureEffect(cause.type);
  // Histories of version 0.1.0 end here. It is asked only for this failure, so that no other history has the marker.
  if (cause.type === 'ModelRequestRefused' && !patched('refused-request-parks')) throw cause;
  if (effect === 'park') return { type: cause.type as FailureType, message: cause.message };
  // A retryable failure comes here only when its attempts are used up, and only the model's are counted.
  if (effect === 'retry')
    return { type: 'ModelKeepsFailing', message: `${failures.ModelKeepsFailing.says} Last: ${cause.message}` };
  // The run ends with the failure itself: "Activity task failed" tells nobody anything.
  throw effect === 'fail' ? cause : error;
}
