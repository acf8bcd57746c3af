import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { RecordedRun, RunExecutions } from '../../gateway/ports.ts';

const pollEveryMs = 100;
/** Temporal removes an execution in the background. */
const longestRemovalMs = 15_000;

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
  const executionsOf = async ({ runId, firstRunId }: RecordedRun) => {
    const found: Array<{ runId: string; open: boolean }> = [];
    for await (const { runId: each, status } of client.workflow.list({ query: `WorkflowId = '${runId}'` }))
      if ((await firstRunIdOf(runId, each).catch(undefinedIfGone)) === firstRunId)
        found.push({ runId: each, open: status.name === 'RUNNING' });
    return found;
  };

  return {
    async isOpen({ runId, firstRunId }) {
      // Visibility lags, and the newest execution is known without it.
      const newest = await client.workflow.getHandle(runId).describe().catch(undefinedIfGone);
      return (
        newest?.status.name === 'RUNNING' &&
        (await firstRunIdOf(runId, newest.runId).catch(undefinedIfGone)) === firstRunId
      );
    },

    async remove(run) {
      // Temporal's filter has no escape for these.
      if (/['"`\\]/.test(run.runId)) return false;
      const executions = await executionsOf(run);
      if (executions.some(({ open }) => open)) return false;
      for (const { runId } of executions)
        await client.workflowService
          .deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: run.runId, runId } })
          .catch(undefinedIfGone);
      const until = Date.now() + longestRemovalMs;
      for (const { runId } of executions)
        while ((await client.workflow.getHandle(run.runId, runId).describe().catch(undefinedIfGone)) !== undefined) {
          if (Date.now() > until) return false;
          await pause(pollEveryMs);
        }
      return true;
    },
  };
}

function undefinedIfGone(error: unknown): undefined {
  const code = (error as { code?: unknown } | null)?.code;
  const notFound = 5;
  if (error instanceof WorkflowNotFoundError || code === notFound) return undefined;
  throw error;
}
