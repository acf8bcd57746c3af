import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { ApprovalDecision, StandaloneApproval } from '../../domain/standalone-approval.ts';
import { decidedSignal, retrySignal, runQuery, runWorkflowType } from '../../domain/wire-names.ts';
import { largestInlineBytes } from '../../domain/payload.ts';
import type { RunInput, RunView } from '../../domain/run.ts';
import type { RunsPort } from '../../gateway/ports.ts';
import { toLimitedPayload, type LargeValues } from './large-values.ts';
import { createMessages, sendMessage } from './run-messages.ts';
import { followRun } from './run-changes.ts';
import { readRunView } from './read-run-view.ts';
import { readPageToken, writePageToken } from './page-token.ts';
import { isOpen } from './open-runs.ts';
import { startAttributes, startMemo, startTexts } from './run-labels.ts';
import { readOutcome, toRun, toSummary } from './run-view.ts';
import { toRunsFailure } from './temporal-failure.ts';
import { visibilityQuery } from './visibility.ts';

export type TemporalRunsOptions = {
  client: Client;
  /** The Task Queue of the workers. */
  taskQueue: string;
  /** Without it inputs above 64 KB are refused and outputs above 64 KB are not shown. */
  values?: LargeValues;
  /** Opens the sealed decision of an approval, for the run of this first run id. Without it none is believed. */
  openDecision?: (text: string, firstRunId: string) => ApprovalDecision | undefined;
  /** Milliseconds for one call to Temporal. Default 5,000. */
  deadlineMs?: number;
  /** Milliseconds for a worker's answer about a run. Default 2,000. */
  queryDeadlineMs?: number;
};

/** Keeps the gateway's runs in Temporal. Holds nothing itself. */
export function createTemporalRuns({
  client,
  taskQueue,
  values,
  openDecision = () => undefined,
  deadlineMs = 5_000,
  queryDeadlineMs = 2_000,
}: TemporalRunsOptions): RunsPort {
  const { namespace } = client.options;
  const dataConverter = loadDataConverter(client.options.dataConverter);
  const bounded = async <T>(call: () => Promise<T>, ms = deadlineMs): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + ms, call);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) throw error;
      throw toRunsFailure(error, namespace);
    }
  };
  const described = async (id: string) => {
    try {
      return await bounded(() => client.workflow.getHandle(id).describe());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  };
  const closedOr = async <Word extends string>(word: Word, call: () => Promise<unknown>): Promise<Word | 'closed'> => {
    try {
      await bounded(call);
      return word;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'closed';
      throw error;
    }
  };
  const messages = createMessages(client, bounded, queryDeadlineMs);
  /** Where an open run stands, from a worker; or why that is not known. */
  const viewed = async (id: string): Promise<RunView | string> => {
    try {
      const answer = await client.withDeadline(Date.now() + queryDeadlineMs, () =>
        client.workflow.getHandle(id).query<unknown>(runQuery),
      );
      return (
        readRunView(answer) ??
        `What works on the Task Queue "${taskQueue}" said of this run what Holdpoint never says, so where it stands is not known. Look at its history, in Temporal's Web UI.`
      );
    } catch {
      return `No worker answered within ${queryDeadlineMs / 1000} s, so where the run stands is not known in detail. It goes on when a worker of the Task Queue "${taskQueue}" is up.`;
    }
  };

  return {
    async create({ id, assistant, input, context, continueFrom, maxTurns, inputDigest, approval }) {
      const { details, ...asked } = approval ?? {};
      const given = await toLimitedPayload(details ?? input, values, largestInlineBytes);
      if (!given) return 'too-large';
      const run: RunInput = {
        assistant,
        input: given,
        ...(approval && { approval: asked as StandaloneApproval }),
        ...(context === undefined ? {} : { context }),
        ...(continueFrom === undefined ? {} : { continueFrom }),
        ...(maxTurns === undefined ? {} : { maxTurns }),
      };
      try {
        await bounded(() =>
          client.workflow.start(runWorkflowType, {
            workflowId: id,
            taskQueue,
            args: [run],
            // One id is one run for as long as Temporal knows it, so that a request sent twice never starts two.
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            memo: startMemo({ assistant, input, inputDigest, ...(approval && { approval }) }),
            typedSearchAttributes: startAttributes(assistant),
            ...startTexts({
              assistant,
              input,
              ...(context === undefined ? {} : { context }),
              ...(approval && { approval }),
            }),
          }),
        );
        return 'started';
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const other = await described(id);
        return other?.type === runWorkflowType && other.memo?.['inputDigest'] === inputDigest ? 'exists' : 'taken';
      }
    },
    async get(id) {
      const info = await described(id);
      if (info?.type !== runWorkflowType) return undefined;
      if (isOpen(info.status)) return await toRun(info, { view: await viewed(id), values });
      const { firstRunId } = info.raw.workflowExecutionInfo ?? {};
      return await toRun(info, {
        outcome: await bounded(() => readOutcome(client.workflow.getHandle(id))),
        values,
        openDecision: (text) => openDecision(text, firstRunId ?? ''),
      });
    },
    async list({ limit, pageToken, ...filter }) {
      const page = await bounded(() =>
        client.workflowService.listWorkflowExecutions({
          namespace,
          query: visibilityQuery(filter),
          pageSize: limit,
          ...(pageToken === undefined ? {} : { nextPageToken: readPageToken(pageToken) }),
        }),
      );
      const infos = await Promise.all(
        page.executions.map((raw) => executionInfoFromRaw(raw, dataConverter, raw, namespace)),
      );
      return { runs: infos.map(toSummary), nextPageToken: writePageToken(page.nextPageToken) };
    },
    changes: (id, signal) => followRun({ client, id, signal }),
    cancel: (id) => closedOr('ordered', () => client.workflow.getHandle(id).cancel()),
    retry: (id) => closedOr('ordered', () => client.workflow.getHandle(id).signal(retrySignal)),
    async send(id, message) {
      const info = await described(id);
      if (info?.type !== runWorkflowType) return 'not-found';
      if (!isOpen(info.status)) return 'closed';
      try {
        return await sendMessage(messages, values, id, message);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'closed';
        throw error;
      }
    },
    signalDecided: (id, hint) => closedOr('delivered', () => client.workflow.getHandle(id).signal(decidedSignal, hint)),
    health: async () => void (await bounded(() => client.workflowService.getSystemInfo({}))),
  };
}
