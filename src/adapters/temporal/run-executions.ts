import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { RecordedRun, RunExecutions } from '../../gateway/ports.ts';

const pollEveryMs = 500;
/** Temporal removes an execution in the background: its dev server takes 35 s. Callers ask again. */
const longestWaitMs = 15_000;

/** Temporal's executions of runs: whether one is open, and their removal with their histories. */
export function createRunExecutions(client: Client): RunExecutions {
  const { namespace } = client.options;

  const firstRunIdOf = async (workflowId: string, runId: string): Promise<string | undefined> => {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    return started?.firstExecutionRunId || started?.originalExecutionRunId || undefined;
  };

  /** The executions of the run that are left: also those that it continued from, and those before a reset. */
  const executionsOf = async ({ runId: workflowId, firstRunId }: RecordedRun): Promise<string[]> => {
    const ids = new Set<string>();
    // Visibility lags, so the newest execution is read without it.
    const newest = await client.workflow.getHandle(workflowId).describe().catch(undefinedIfGone);
    if (newest !== undefined) ids.add(newest.runId);
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) ids.add(runId);
    const found = [];
    for (const runId of ids)
      if ((await firstRunIdOf(workflowId, runId).catch(undefinedIfGone)) === firstRunId) found.push(runId);
    return found;
  };

  const isRunning = async (workflowId: string, runId: string): Promise<boolean> =>
    (await client.workflow.getHandle(workflowId, runId).describe().catch(undefinedIfGone))?.status.name === 'RUNNING';

  return {
    async isOpen({ runId, firstRunId }) {
      const newest = await client.workflow.getHandle(runId).describe().catch(undefinedIfGone);
      return (
        newest?.status.name === 'RUNNING' &&
        (await firstRunIdOf(runId, newest.runId).catch(undefinedIfGone)) === firstRunId
      );
    },

    async remove(run) {
      // Temporal's filter has no escape for these.
      if (/['"`\\]/.test(run.runId)) return 'refused';
      const executions = await executionsOf(run);
      for (const runId of executions) if (await isRunning(run.runId, runId)) return 'refused';
      for (const runId of executions)
        await client.workflowService
          .deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: run.runId, runId } })
          .catch(undefinedIfGone);
      const until = Date.now() + longestWaitMs;
      for (const runId of executions)
        while ((await client.workflow.getHandle(run.runId, runId).describe().catch(undefinedIfGone)) !== undefined) {
          if (Date.now() > until) return 'pending';
          await pause(pollEveryMs);
        }
      return 'removed';
    },
  };
}

function undefinedIfGone(error: unknown): undefined {
  const code = (error as { code?: unknown } | null)?.code;
  const notFound = 5;
  if (error instanceof WorkflowNotFoundError || code === notFound) return undefined;
  throw error;
}
