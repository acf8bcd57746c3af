import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { reconcileWorkflowType, workflowTaskTimeout } from '../../domain/wire-names.ts';
import { tolerantClient } from './tolerant-client.ts';

export type ReconcileScheduleOptions = {
  taskQueue: string;
  /**
   * True where Cheqpoint can't call back: checks every waiting run every five seconds. False: checks by age, every
   * minute.
   */
  everything: boolean;
};

/** Id of a Task Queue's Schedule. */
export function reconcileScheduleId(taskQueue: string): string {
  return `holdpoint-reconcile-${taskQueue}`;
}

/**
 * Creates or updates the Schedule that checks for lost callbacks. One per Task Queue. When its settings change, the
 * running Workflow is terminated: it has the old ones for up to an hour.
 */
export async function ensureReconcileSchedule(
  client: Client,
  { taskQueue, everything }: ReconcileScheduleOptions,
): Promise<void> {
  const scheduleId = reconcileScheduleId(taskQueue);
  const everyMs = everything ? 5_000 : 60_000;
  const schedule: ScheduleOptions = {
    scheduleId,
    // The Workflow makes its own rounds for an hour. An overlapping start is skipped.
    spec: { intervals: [{ every: everyMs }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: reconcileWorkflowType,
      workflowId: scheduleId,
      taskQueue,
      args: [{ everything, everyMs }],
      workflowTaskTimeout,
      workflowExecutionTimeout: '4 hours',
    },
  };
  try {
    await client.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(scheduleId);
    // Settings that can't be decrypted count as others.
    const { action, info } = await tolerantClient(client).schedule.getHandle(scheduleId).describe();
    await handle.update(() => schedule as never);
    const before = action.type === 'startWorkflow' ? action.args : undefined;
    if (JSON.stringify(before) === JSON.stringify([{ everything, everyMs }])) return;
    for (const running of info.runningActions)
      await client.workflow
        .getHandle(running.workflow.workflowId)
        .terminate('The settings of the reconcile Schedule changed.')
        .catch((ended: unknown) => {
          if (!(ended instanceof WorkflowNotFoundError)) throw ended;
        });
  }
}
