import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ReconcileActivities, ReconcileResult } from '../domain/reconcile.ts';
import { heartbeatTimeout } from './activities.ts';

const { reconcile } = proxyActivities<ReconcileActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout,
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 },
});

/** One round of the reconcile Schedule. It starts where the last round ended. */
export async function holdpointReconcile(input: { everything: boolean }): Promise<ReconcileResult> {
  const last = workflowInfo().lastResult as ReconcileResult | undefined;
  return await reconcile({
    since: last?.lookedUntil ?? null,
    everything: input.everything,
    ...(last?.decided && { decided: last.decided }),
    ...(last?.behind && { behind: last.behind }),
  });
}
