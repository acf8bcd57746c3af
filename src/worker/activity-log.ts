import { log } from '@temporalio/activity';
import { ApplicationFailure, type RetryPolicy } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { runTraceIn } from '../domain/run-trace.ts';
import { durationMs } from '../schemas/duration.ts';

/** The part of an Activity's input that names its call. */
type MaybeCall = { call?: { key?: unknown; tool?: unknown }; trace?: unknown } | undefined;

/**
 * Adds the run, the call and the next try to each log line of an Activity, and gives each failure the call's key, by
 * which `runs show` finds the call of a pending Activity. An Activity of a request gets a line when it is done.
 */
export const activityLog: ActivityInterceptorsFactory = ({ info }) => {
  const facts: Record<string, unknown> = { run: info.workflowExecution?.workflowId };
  return {
    inbound: {
      async execute(input, next) {
        const { call, trace } = (input.args[0] as MaybeCall) ?? {};
        const { key, tool } = call ?? {};
        const { requestId } = runTraceIn(trace);
        if (requestId !== undefined) Object.assign(facts, { requestId });
        if (key !== undefined) Object.assign(facts, { callKey: key, tool });
        const begun = performance.now();
        try {
          const result = await next(input);
          // The request id leads through the logs of all processes, also where nothing fails.
          if (requestId !== undefined)
            log.info(`${info.activityType} is done.`, { ms: Math.round(performance.now() - begun) });
          return result;
        } catch (error) {
          facts['nextTryInMs'] = nextTryMs(error, info.attempt, info.retryPolicy);
          if (error instanceof ApplicationFailure && !error.details?.length && typeof key === 'string')
            Object.assign(error, { details: [{ callKey: key }] });
          throw error;
        }
      },
    },
    outbound: { getLogAttributes: (input, next) => ({ ...next(input), ...facts }) },
  };
};

/** Milliseconds until Temporal tries again. Null when it does not. */
export function nextTryMs(error: unknown, attempt: number, policy: RetryPolicy = {}): number | null {
  const { backoffCoefficient = 2, maximumAttempts = Infinity, nonRetryableErrorTypes = [] } = policy;
  const failure = error instanceof ApplicationFailure ? error : undefined;
  if (failure?.nonRetryable || attempt >= (maximumAttempts || Infinity)) return null;
  if (nonRetryableErrorTypes.includes(failure?.type ?? (error as Error | undefined)?.name ?? '')) return null;
  const chosen = failure?.nextRetryDelay;
  if (chosen !== undefined && chosen !== null) return durationMs(chosen) ?? null;
  const first = durationMs(policy.initialInterval ?? 1000) ?? 1000;
  const longest = durationMs(policy.maximumInterval ?? first * 100) ?? first * 100;
  return Math.min(first * backoffCoefficient ** (attempt - 1), longest);
}
