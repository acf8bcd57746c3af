import { log } from '@temporalio/workflow';
import type { ApprovalRequest } from '../domain/approval.ts';
import type { CallProgress, RunProgress } from '../domain/run.ts';
import { withdrawApproval } from './activities.ts';

/** The request that counts of a call that waits for a person; undefined for any other call. */
export function openRequest(call: CallProgress): ApprovalRequest | undefined {
  return call.step.type === 'wait' || call.step.type === 'settle' ? call.requests.at(-1) : undefined;
}

/**
 * Takes back what nobody needs to decide any more; false when that did not work. Bounded: a run must be able to end
 * while the review server is away.
 */
export async function withdrawOpen(assistant: string, progress: RunProgress): Promise<boolean> {
  const approvalIds = progress.calls.flatMap((call) => openRequest(call)?.id ?? []);
  const asked = progress.calls.flatMap(({ step, key }) => (step.type === 'request' ? [key] : []));
  if (approvalIds.length + asked.length === 0) return true;
  try {
    await withdrawApproval.executeWithOptions({ summary: `${approvalIds.length + asked.length} open` }, [
      { assistant, approvalIds, reason: 'withdrawn', ...(asked.length > 0 && { asked }) },
    ]);
    return true;
  } catch (error) {
    log.warn(
      'Open approvals could not be withdrawn; the reconcile Schedule tries again with those whose ids are known.',
      { approvalIds, asked, error },
    );
    return false;
  }
}
