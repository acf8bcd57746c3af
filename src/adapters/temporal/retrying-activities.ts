import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure, type LoadedDataConverter } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { Run } from '../../schemas/rest.ts';

type Retrying = Run['retrying'][number];

/** The open run's Activities whose last attempt failed, from Temporal alone: no worker has to answer. */
export async function retryingActivities(
  { raw }: WorkflowExecutionDescription,
  dataConverter: LoadedDataConverter,
): Promise<Retrying[]> {
  const failed = (raw.pendingActivities ?? []).filter(({ lastFailure }) => lastFailure);
  return await Promise.all(
    failed.map(async ({ activityType, attempt, lastFailure, nextAttemptScheduleTime }): Promise<Retrying> => {
      const error = await decodeOptionalFailureToOptionalError(dataConverter, lastFailure);
      return {
        activity: activityType?.name ?? '',
        callKey: callKeyOf(error),
        attempt: attempt ?? 1,
        lastError: error?.message ?? '',
        at: placeOf(error),
        nextTryAt: optionalTsToDate(nextAttemptScheduleTime)?.toISOString() ?? null,
      };
    }),
  );
}

/** The key that the worker puts into the failure's details. Any program on the Task Queue may have written them. */
function callKeyOf(error: Error | undefined): string | null {
  const [detail] = error instanceof ApplicationFailure ? (error.details ?? []) : [];
  const { callKey } = (detail ?? {}) as { callKey?: unknown };
  return typeof callKey === 'string' ? callKey : null;
}

/**
 * File, line and column where the user's code threw: the first frame of the innermost cause outside Node and packages.
 */
function placeOf(error: Error | undefined): string | null {
  let thrown = error?.cause;
  while (thrown instanceof Error && thrown.cause instanceof Error) thrown = thrown.cause;
  if (!(thrown instanceof Error)) return null;
  const frame = (thrown.stack ?? '')
    .split('\n')
    .find((line) => /^\s*at /.test(line) && !/node:|\/node_modules\//.test(line));
  return frame?.trim().replace(/^at /, '') ?? null;
}
