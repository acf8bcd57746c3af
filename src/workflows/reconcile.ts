import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { ReconcileActivities, ReconcileResult } from '../domain/reconcile.ts';
import { heartbeatTimeout } from './activities.ts';

// A round takes about a minute at most.
const { reconcile } = proxyActivities<ReconcileActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout,
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 },
});

/** A run of rounds ends after this time, so that the Schedule's next one starts with the present code. */
const longestMs = 60 * 60_000;

/** Pause after a round that ended before its work. The timer stays, for workers of earlier versions. */
const shortPauseMs = 1_000;

/**
 * The rounds of the reconcile Schedule: one each `everyMs`, for an hour; without `everyMs` a single round. Each starts
 * where the last one ended, also across Workflow runs. [decision
 * 0029](../../docs/decisions/0029-an-hour-of-reconcile-rounds.md)
 */
export async function holdpointReconcile(input: { everything: boolean; everyMs?: number }): Promise<ReconcileResult> {
  const { everything, everyMs } = input;
  const endsAt = Date.now() + longestMs;
  let last = workflowInfo().lastResult as ReconcileResult | undefined;
  for (;;) {
    last = await reconcile({
      since: last?.lookedUntil ?? null,
      everything,
      ...(last?.decided && { decided: last.decided }),
      ...(last?.behind && { behind: last.behind }),
      ...(last?.feeds && { feeds: last.feeds }),
      ...(last?.walks && { walks: last.walks }),
      ...(last?.questions && { questions: last.questions }),
      ...(last?.closedUntil !== undefined && { closedUntil: last.closedUntil }),
    });
    if (everyMs === undefined || Date.now() + everyMs > endsAt || workflowInfo().continueAsNewSuggested) return last;
    await sleep(last.unfinished ? Math.min(everyMs, shortPauseMs) : everyMs, { summary: 'next round' });
  }
}
