import { WorkflowNotFoundError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import type { WaitingRun, WaitingRuns } from '../../activities/ports.ts';
import type { DecisionHint } from '../../domain/decision.ts';
import type { WalkPosition } from '../../domain/reconcile.ts';
import { askedSignal, decidedSignal, runWorkflowType } from '../../domain/wire-names.ts';
import { closedAs, openRuns } from './open-runs.ts';
import { takesNoMoreSignals } from './temporal-failure.ts';
import { tolerantClient } from './tolerant-client.ts';

/** The `WaitingRuns` port over Temporal's visibility. */
export function createWaitingRuns(client: Client, taskQueue: string): WaitingRuns {
  const ours = `WorkflowType = '${runWorkflowType}' AND TaskQueue = ${quote(taskQueue)}`;

  async function list(query: string): Promise<WaitingRun[]> {
    const runs: WaitingRun[] = [];
    // A memo that can't be read must not hide the other runs.
    for await (const execution of tolerantClient(client).workflow.list({ query: `${ours} AND ${query}` })) {
      const run = toWaitingRun(execution);
      if (run) runs.push(run);
    }
    return runs.sort(
      (one, other) => one.waitingSince - other.waitingSince || (one.workflowId < other.workflowId ? -1 : 1),
    );
  }

  return {
    async waiting({ after, until }) {
      return await list(`${openRuns} AND ${waitingIn(after, until)}`);
    },

    async oldest({ assistants, after, until, limit }) {
      const theirs = `${openRuns} AND HoldpointAssistant IN (${assistants.map(quote).join(', ')})`;
      // Runs of the same millisecond may be left.
      for (let begin = after === null ? -1 : after.waitingSince - 1; ;) {
        const count = async (end: number) =>
          (await client.workflow.count(`${ours} AND ${theirs} AND ${waitingIn(begin, end)}`)).count;
        const end = await endOfPage(count, begin, until, limit);
        const runs = (await list(`${theirs} AND ${waitingIn(begin, end)}`)).filter((run) => isAfter(run, after));
        if (runs.length > 0 || end >= until) return { runs, last: end >= until };
        begin = end;
      }
    },

    async waitingFor(approvalIds) {
      if (approvalIds.length === 0) return [];
      return await list(`${openRuns} AND HoldpointApproval IN (${approvalIds.map(quote).join(', ')})`);
    },

    async closedWaiting(closedAfter) {
      const runs = await list(
        `${closedAs('completed', 'cancelled', 'failed')} AND HoldpointWaitingSince IS NOT NULL AND CloseTime > '${new Date(closedAfter).toISOString()}'`,
      );
      return runs.sort((one, other) => (one.closedAt ?? 0) - (other.closedAt ?? 0));
    },

    signalDecided: (workflowId, hint) => signalOpen(workflowId, decidedSignal, hint),
    signalAsked: (workflowId, hint) => signalOpen(workflowId, askedSignal, hint),
  };

  async function signalOpen(workflowId: string, signal: string, hint: DecisionHint): Promise<void> {
    try {
      await client.workflow.getHandle(workflowId).signal(signal, hint);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError || takesNoMoreSignals(error))) throw error;
    }
  }
}

/**
 * The end of the first span after `begin` with about `limit` runs. Temporal does not sort by our search attribute, so
 * the span is found by counts.
 */
async function endOfPage(
  count: (end: number) => Promise<number>,
  begin: number,
  until: number,
  limit: number,
): Promise<number> {
  if ((await count(until)) <= limit) return until;
  let [low, high] = [begin, until];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const runs = await count(middle);
    if (runs <= limit && runs >= limit / 2) return middle;
    if (runs > limit) high = middle;
    else low = middle;
  }
  return high;
}

function isAfter({ waitingSince, workflowId }: WaitingRun, after: WalkPosition | null): boolean {
  if (after === null || waitingSince > after.waitingSince) return true;
  return waitingSince === after.waitingSince && workflowId > after.workflowId;
}

function waitingIn(after: number | null, until: number): string {
  const began = after === null ? '' : `HoldpointWaitingSince > '${new Date(after).toISOString()}' AND `;
  return `${began}HoldpointWaitingSince <= '${new Date(until).toISOString()}'`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function toWaitingRun({
  workflowId,
  runId,
  searchAttributes,
  closeTime,
}: WorkflowExecutionInfo): WaitingRun | undefined {
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
    ...(closeTime && { closedAt: closeTime.getTime() }),
  };
}
