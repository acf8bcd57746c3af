import { WorkflowNotFoundError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import type { WaitingRun, WaitingRuns } from '../../activities/ports.ts';
import { decidedSignal, runWorkflowType } from '../../domain/wire-names.ts';
import { closedAs, openRuns } from './open-runs.ts';
import { takesNoMoreSignals } from './temporal-failure.ts';

/** The `WaitingRuns` port over Temporal's visibility. One query per call. */
export function createWaitingRuns(client: Client, taskQueue: string): WaitingRuns {
  const ours = `WorkflowType = '${runWorkflowType}' AND TaskQueue = '${taskQueue.replaceAll("'", "''")}'`;

  async function list(query: string): Promise<WaitingRun[]> {
    const runs: WaitingRun[] = [];
    for await (const execution of client.workflow.list({ query: `${ours} AND ${query}` })) {
      const run = toWaitingRun(execution);
      if (run) runs.push(run);
    }
    return runs.sort((one, other) => one.waitingSince - other.waitingSince);
  }

  return {
    async waiting({ after, until }) {
      const began = after === null ? '' : `HoldpointWaitingSince > '${new Date(after).toISOString()}' AND `;
      return await list(`${openRuns} AND ${began}HoldpointWaitingSince <= '${new Date(until).toISOString()}'`);
    },
    async closedWaiting(closedAfter) {
      return await list(
        `${closedAs('completed', 'cancelled', 'failed')} AND HoldpointWaitingSince IS NOT NULL AND CloseTime > '${new Date(closedAfter).toISOString()}'`,
      );
    },
    async signalDecided(workflowId, hint) {
      try {
        await client.workflow.getHandle(workflowId).signal(decidedSignal, hint);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError || takesNoMoreSignals(error))) throw error;
      }
    },
  };
}

function toWaitingRun({ workflowId, runId, searchAttributes }: WorkflowExecutionInfo): WaitingRun | undefined {
  const { HoldpointAssistant, HoldpointApproval, HoldpointWaitingSince } = searchAttributes as Record<
    string,
    Array<string | Date> | undefined
  >;
  const [assistant] = HoldpointAssistant ?? [];
  const [since] = HoldpointWaitingSince ?? [];
  if (typeof assistant !== 'string' || since === undefined) return undefined;
  return {
    workflowId,
    runId,
    assistant,
    approvalIds: (HoldpointApproval ?? []).map(String),
    waitingSince: new Date(since).getTime(),
  };
}
