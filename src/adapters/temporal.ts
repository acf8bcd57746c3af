import type { Client } from '@temporalio/client';
import type { Runs } from '../activities/ports.ts';

/** First run ids never change, so the newest this many are kept. */
const rememberedRuns = 10_000;

/** What Activities ask Temporal, through its client. */
export function createRuns(client: Client): Runs {
  const firstRunIds = new Map<string, string>();
  const { namespace } = client.options;
  return {
    async firstRunId(workflowId, runId) {
      const known = firstRunIds.get(runId);
      if (known !== undefined) return known;
      const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId, runId } });
      const firstRunId = workflowExecutionInfo?.firstRunId;
      if (!firstRunId) throw new Error(`Temporal does not tell the first run id of ${workflowId}; Holdpoint needs a Temporal server of version 1.26 or newer.`);
      if (firstRunIds.size >= rememberedRuns) firstRunIds.delete(firstRunIds.keys().next().value as string);
      firstRunIds.set(runId, firstRunId);
      return firstRunId;
    },

    async checkpoint(taskToken, note) {
      const payloads = client.options.loadedDataConverter.payloadConverter.toPayload(note);
      await client.workflowService.recordActivityTaskHeartbeat({ namespace, taskToken, details: { payloads: payloads ? [payloads] : [] } });
    },
  };
}
