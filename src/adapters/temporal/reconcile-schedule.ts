import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import { reconcileWorkflowType } from '../../domain/wire-names.ts';

export type ReconcileScheduleOptions = {
  taskQueue: string;
  /** True where Cheqpoint can't call back: checks every waiting run every five seconds. False: checks by age, every minute. */
  everything: boolean;
};

/** Id of a Task Queue's Schedule. */
export function reconcileScheduleId(taskQueue: string): string {
  return `holdpoint-reconcile-${taskQueue}`;
}

/** Creates or updates the Schedule that checks for lost callbacks. One per Task Queue. */
export async function ensureReconcileSchedule(
  client: Client,
  { taskQueue, everything }: ReconcileScheduleOptions,
): Promise<void> {
  const scheduleId = reconcileScheduleId(taskQueue);
  const schedule: ScheduleOptions = {
    scheduleId,
    spec: { intervals: [{ every: everything ? '5 s' : '1 minute' }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: reconcileWorkflowType,
      workflowId: scheduleId,
      taskQueue,
      args: [{ everything }],
      workflowExecutionTimeout: '2 hours',
    },
  };
  try {
    await client.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(() => schedule as never);
  }
}
