import { ScheduleNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { reconcileScheduleId } from '../../src/adapters/temporal/reconcile-schedule.ts';
import { inFlight } from '../measure/in-flight.ts';
import { delayedPrefix } from './delayed-runs.ts';

const width = 16;

/** Terminates open runs of a Task Queue. Delayed runs end alone. */
export async function terminateRuns(client: Client, taskQueue: string): Promise<void> {
  const running: string[] = [];
  for await (const { workflowId } of client.workflow.list({
    query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`,
  }))
    if (!workflowId.startsWith(delayedPrefix(taskQueue))) running.push(workflowId);
  await inFlight(running, width, async (workflowId) => {
    await client.workflow
      .getHandle(workflowId)
      .terminate('The benchmark has ended.')
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  });
}

/** Terminates open runs of these Task Queues on an external Temporal server, and deletes their Schedules. */
export async function leaveNothingBehind(client: Client, taskQueues: ReadonlySet<string>): Promise<void> {
  for (const taskQueue of taskQueues) {
    await client.schedule
      .getHandle(reconcileScheduleId(taskQueue))
      .delete()
      .catch((error: unknown) => {
        // The floor has no Schedule.
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      });
    await terminateRuns(client, taskQueue);
  }
}
