import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ReconcileActivities, ReconcileResult } from '../../src/domain/reconcile.ts';

/* Workflow code before decision 0029: one run holds one round. */

const { reconcile } = proxyActivities<ReconcileActivities>({ startToCloseTimeout: '1 hour' });

export async function holdpointReconcile(input: { everything: boolean }): Promise<ReconcileResult> {
  const last = workflowInfo().lastResult as ReconcileResult | undefined;
  return await reconcile({ since: last?.lookedUntil ?? null, everything: input.everything });
}
