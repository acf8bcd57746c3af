import { ScheduleNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { reconcileScheduleId } from '../../src/adapters/temporal/reconcile-schedule.ts';
import { inFlight } from '../measure/in-flight.ts';

const width = 16;

/** Ends what still runs on a Task Queue, where its runs have served their purpose by waiting. */
export async function terminateRuns(client: Client, taskQueue: string): Promise<void> {
  const running: string[] = [];
  for await (const { workflowId } of client.workflow.list({
    query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`,
  }))
    running.push(workflowId);
  await inFlight(running, width, async (workflowId) => {
    await client.workflow
      .getHandle(workflowId)
      .terminate('The benchmark needs it no more.')
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  });
}

/** Ends, on somebody else's Temporal server, what still runs on these Task Queues, and deletes their Schedules. */
export async function leaveNothingBehind(client: Client, taskQueues: ReadonlySet<string>): Promise<void> {
  for (const taskQueue of taskQueues) {
    await client.schedule
      .getHandle(reconcileScheduleId(taskQueue))
      .delete()
      .catch((error: unknown) => {
        // The floor has none.
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      });
    await terminateRuns(client, taskQueue);
  }
}
