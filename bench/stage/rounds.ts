import type { Client } from '@temporalio/client';
import { reconcileScheduleId } from '../../src/adapters/temporal/reconcile-schedule.ts';

/**
 * Stops the reconcile rounds of a Task Queue. They would tell a run of its decision while the relay holds the callback.
 */
export async function stopRounds({ schedule, workflow }: Client, taskQueue: string): Promise<void> {
  const handle = schedule.getHandle(reconcileScheduleId(taskQueue));
  await handle.pause('The benchmark holds callbacks.');
  const { info } = await handle.describe();
  for (const { workflow: running } of info.runningActions.filter(({ type }) => type === 'startWorkflow'))
    await workflow.getHandle(running.workflowId).terminate('The benchmark holds callbacks.');
}

/** Lets the rounds begin again, with one at once. */
export async function beginRounds({ schedule }: Client, taskQueue: string): Promise<void> {
  const handle = schedule.getHandle(reconcileScheduleId(taskQueue));
  await handle.unpause();
  await handle.trigger();
}
