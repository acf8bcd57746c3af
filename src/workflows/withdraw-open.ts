import { log } from '@temporalio/workflow';
import type { RunInput, RunProgress } from '../domain/run.ts';
import { withdrawApproval } from './activities.ts';
import { openRequest } from './call-progress.ts';
import { traceOf } from './trace-of.ts';

/**
 * Withdraws the open requests of a run that ends. Returns false when that failed. The attempts are bounded, so a run can end
 * while the review server is down.
 */
export async function withdrawOpen(input: RunInput, progress: RunProgress): Promise<boolean> {
  const approvalIds = progress.calls.flatMap((call) => openRequest(call)?.id ?? []);
  const asked = progress.calls.flatMap(({ step, key }) => (step.type === 'request' ? [key] : []));
  if (approvalIds.length + asked.length === 0) return true;
  try {
    await withdrawApproval.executeWithOptions({ summary: `${approvalIds.length + asked.length} open` }, [
      {
        assistant: input.assistant,
        approvalIds,
        reason: 'withdrawn',
        ...(asked.length > 0 && { asked }),
        ...traceOf(input),
      },
    ]);
    return true;
  } catch (error) {
    log.warn('Open approvals could not be withdrawn. The reconcile Schedule withdraws those with a known id.', {
      approvalIds,
      asked,
      error,
    });
    return false;
  }
}
