import { ScheduleNotFoundError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { reconcileScheduleId } from '../../src/adapters/reconcile-schedule.ts';

/** Ends, on somebody else's Temporal server, what still runs on these Task Queues, and deletes their Schedules. */
export async function leaveNothingBehind(client: Client, taskQueues: ReadonlySet<string>): Promise<void> {
  for (const taskQueue of taskQueues) {
    await client.schedule.getHandle(reconcileScheduleId(taskQueue)).delete().catch((error: unknown) => {
      // The floor has none.
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    });
    for await (const { workflowId } of client.workflow.list({ query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'` })) {
      await client.workflow.getHandle(workflowId).terminate('The benchmark is over.').catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
    }
  }
}
