import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { EndedRun, Runs } from '../../activities/ports.ts';
import { encodeToPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { runWorkflowType } from '../../domain/wire-names.ts';
import type { RunResult } from '../../domain/run.ts';
import { isOpen } from './open-runs.ts';
import { callerIn, summaryIn } from './run-labels.ts';
import { isInvalidArgument } from './temporal-failure.ts';

/** Size of the cache of first run ids, which never change. */
const rememberedRuns = 10_000;

/** The `Runs` port of the Activities, through Temporal's client. */
export function createRuns(client: Client): Runs {
  const firstRunIds = new Map<string, string>();
  const { namespace } = client.options;
  return {
    async firstRunId(workflowId, runId) {
      const known = firstRunIds.get(runId);
      if (known !== undefined) return known;
      const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({
        namespace,
        execution: { workflowId, runId },
      });
      const firstRunId = workflowExecutionInfo?.firstRunId;
      if (!firstRunId)
        throw new Error(
          `Temporal did not return the first run id of ${workflowId}. Holdpoint needs Temporal server 1.28 or newer.`,
        );
      if (firstRunIds.size >= rememberedRuns) firstRunIds.delete(firstRunIds.keys().next().value as string);
      firstRunIds.set(runId, firstRunId);
      return firstRunId;
    },

    async startOf(workflowId, runId) {
      const { memo, startTime } = await client.workflow.getHandle(workflowId, runId).describe();
      return { caller: callerIn(memo), summary: summaryIn(memo), startedAt: startTime.getTime() };
    },

    async ended(workflowId) {
      try {
        const { type, status, runId, raw } = await client.workflow.getHandle(workflowId).describe();
        if (type !== runWorkflowType) return undefined;
        if (isOpen(status)) return { state: 'open' };
        const firstRunId = raw.workflowExecutionInfo?.firstRunId ?? '';
        if (status.name === 'FAILED') return { state: 'failed', firstRunId };
        if (status.name !== 'COMPLETED') return { state: 'not-completed' };
        const result: unknown = await client.workflow.getHandle(workflowId, runId).result();
        return {
          state: 'completed',
          firstRunId,
          conversation: conversationIn(result),
        };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError || isInvalidArgument(error)) return undefined;
        throw error;
      }
    },

    async checkpoint(taskToken, note) {
      await client.workflowService.recordActivityTaskHeartbeat({
        namespace,
        taskToken,
        details: { payloads: (await encodeToPayloads(client.options.loadedDataConverter, note)) ?? [] },
      });
    },
  };
}

/** Any program on the Task Queue may have made the result, so its form is checked. */
function conversationIn(result: unknown): Extract<EndedRun, { state: 'completed' }>['conversation'] {
  const { entry, digest, bytes } = (result as Partial<RunResult> | null)?.conversation ?? {};
  return typeof entry === 'string' && typeof digest === 'string' && typeof bytes === 'number'
    ? { entry, digest, bytes }
    : null;
}
