import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { StoredValues } from '../../activities/ports.ts';
import type { ApprovalDecision, StandaloneApproval } from '../../domain/standalone-approval.ts';
import {
  askedSignal,
  decidedSignal,
  retrySignal,
  runQuery,
  runWorkflowType,
  workflowTaskTimeout,
} from '../../domain/wire-names.ts';
import { operatorName } from '../../domain/caller.ts';
import { largestInlineBytes } from '../../domain/payload.ts';
import type { RunInput, RunView } from '../../domain/run.ts';
import type { RunTrace } from '../../domain/run-trace.ts';
import type { RecordedRuns, RunsPort } from '../../gateway/ports.ts';
import { toLimitedPayload } from './limited-payload.ts';
import { createMessages, sendMessage } from './run-messages.ts';
import { followRun } from './run-changes.ts';
import { readRunView } from './read-run-view.ts';
import { listRecorded, type ListPage } from './list-recorded.ts';
import { createPageTokens } from './page-token.ts';
import { toRunRecord } from './recorded-run.ts';
import { isOpen } from './open-runs.ts';
import { callerIn, gatewayTexts, startAttributes, startMemo } from './run-labels.ts';
import { retryingActivities } from './retrying-activities.ts';
import { readOutcome, toRun, toSummary } from './run-view.ts';
import { toRunsFailure } from './temporal-failure.ts';
import { runInUi } from './ui-links.ts';
import { addressOf } from './unreachable.ts';
import { tolerantClient, unreadableReason } from './tolerant-client.ts';
import { visibilityQuery } from './visibility.ts';

/** Time limit of reading a history, in milliseconds. One of 50 MB has many pages. */
const historyDeadlineMs = 60_000;
/** Turns of one answer about a run. */
const mostTurns = 50;

export type TemporalRunsOptions = {
  client: Client;
  /** Task Queue of the workers. */
  taskQueue: string;
  /** Without it, inputs above 64 KB are refused and outputs above 64 KB are not shown. */
  values?: StoredValues;
  /** Without it the turns of runs are not shown, and lists can't be filtered by context or text. */
  recorded?: RecordedRuns;
  /** Address of Temporal's Web UI, for links. @default no links */
  temporalUiUrl?: string | undefined;
  /**
   * Opens the sealed decision of a standalone approval, for the run with this first run id. Without it no decision is
   * shown.
   */
  openDecision?: (text: string, firstRunId: string) => ApprovalDecision | undefined;
  /**
   * Secrets that sign page tokens. The first signs, all verify. Gateways behind one address need the same.
   * @default one of this process
   */
  pageTokenSecrets?: readonly string[];
  /**
   * True if the workers can replay runs that request their decisions locally.
   * @default never
   */
  localRequests?: () => Promise<boolean>;
  /** The request that is being answered. Runs and Signals carry it to the workers. @default none */
  trace?: () => RunTrace;
  /**
   * Time limit of one call to Temporal, in milliseconds.
   * @default 5_000
   */
  deadlineMs?: number;
  /**
   * Time limit of a worker's answer about a run, in milliseconds.
   * @default 2_000
   */
  queryDeadlineMs?: number;
};

/** The gateway's `RunsPort` over Temporal. It keeps no state. */
export function createTemporalRuns({
  client: plain,
  taskQueue,
  values,
  recorded,
  temporalUiUrl,
  openDecision = () => undefined,
  pageTokenSecrets = [randomUUID()],
  localRequests = () => Promise.resolve(false),
  trace = () => ({}),
  deadlineMs = 5_000,
  queryDeadlineMs = 2_000,
}: TemporalRunsOptions): RunsPort {
  const client = tolerantClient(plain);
  const { namespace } = client.options;
  const address = addressOf(client);
  const pageTokens = createPageTokens(pageTokenSecrets);
  const dataConverter = loadDataConverter(client.options.dataConverter);
  const bounded = async <T>(call: () => Promise<T>, ms = deadlineMs): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + ms, call);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) throw error;
      throw toRunsFailure(error, namespace, address);
    }
  };
  const ifFound = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await bounded(call);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  };
  const describe = (id: string) => ifFound(() => client.workflow.getHandle(id).describe());
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
  const list: ListPage = async (query, pageSize, nextPageToken) => {
    const page = await bounded(() =>
      client.workflowService.listWorkflowExecutions({
        namespace,
        query,
        pageSize,
        ...(nextPageToken && { nextPageToken }),
      }),
    );
    const infos = await Promise.all(
      page.executions.map((raw) => executionInfoFromRaw(raw, dataConverter, raw, namespace)),
    );
    return { runs: infos.map(toSummary), next: page.nextPageToken };
  };
  const foreignAnswer = `The answer about this run is not from a Holdpoint worker. Another program works on the Task Queue "${taskQueue}". See the run's history in Temporal's Web UI.`;
  /** A worker's answer about an open run, or why there is none. */
  const queryView = async (id: string): Promise<RunView | string> => {
    try {
      const answer = await client.withDeadline(Date.now() + queryDeadlineMs, () =>
        client.workflow.getHandle(id).query<unknown>(runQuery),
      );
      const reason = unreadableReason(answer);
      return readRunView(answer) ?? (reason === undefined ? foreignAnswer : `A worker answered. ${reason}`);
    } catch (error) {
      if (error instanceof QueryNotRegisteredError) return foreignAnswer;
      return `No worker answered within ${queryDeadlineMs / 1000} s. The run continues when a worker of the Task Queue "${taskQueue}" is up.`;
    }
  };

  return {
    async create({ id, assistant, caller, input, context, continueFrom, maxTurns, inputDigest, approval }) {
      const { details, ...standalone } = approval ?? {};
      const payload = await toLimitedPayload(details ?? input, { values, runId: id, largest: largestInlineBytes });
      if (!payload) return 'too-large';
      const run: RunInput = {
        assistant,
        input: payload,
        ...traced(trace()),
        ...(approval && { approval: standalone as StandaloneApproval }),
        ...(context === undefined ? {} : { context }),
        ...(continueFrom === undefined ? {} : { continueFrom }),
        ...(maxTurns === undefined ? {} : { maxTurns }),
        ...((await localRequests()) && { localRequests: true }),
      };
      try {
        await bounded(() =>
          client.workflow.start(runWorkflowType, {
            workflowId: id,
            taskQueue,
            args: [run],
            workflowTaskTimeout,
            // A request sent twice starts one run, as long as Temporal keeps the first.
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            memo: startMemo({ assistant, caller, input, inputDigest, ...(approval && { approval }) }),
            typedSearchAttributes: startAttributes({ assistant, caller }),
            ...gatewayTexts({
              assistant,
              caller,
              input,
              ...(context === undefined ? {} : { context }),
              ...(approval && { approval }),
            }),
          }),
        );
        return 'started';
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const other = await describe(id);
        // Before callers had other keys, every run was HOLDPOINT_API_KEY's.
        const isSame =
          other?.type === runWorkflowType &&
          other.memo?.['inputDigest'] === inputDigest &&
          (callerIn(other.memo) ?? operatorName) === caller;
        return isSame ? 'exists' : 'taken';
      }
    },
    async get(id) {
      const info = await describe(id);
      if (info?.type !== runWorkflowType) return undefined;
      const firstRunId = info.raw.workflowExecutionInfo?.firstRunId ?? '';
      // The run may name the value of another run: any program on the Task Queue may have answered.
      const readValue = values && ((digest: string) => values.get(digest, { runId: id, firstRunId }));
      if (isOpen(info.status)) {
        const retrying = await retryingActivities(info, dataConverter);
        return await toRun(info, { view: await queryView(id), retrying, readValue });
      }
      const outcome = await ifFound(() => readOutcome(client.workflow.getHandle(id)));
      // Temporal deleted the run in between.
      if (outcome === undefined) return undefined;
      return await toRun(info, {
        outcome,
        readValue,
        openDecision: (text) => openDecision(text, firstRunId),
      });
    },
    async record(id, before) {
      const info = await describe(id);
      if (info?.type !== runWorkflowType) return undefined;
      const firstRunId = info.raw.workflowExecutionInfo?.firstRunId ?? '';
      return await toRunRecord({
        firstRunId,
        rows: (await recorded?.read(firstRunId, { limit: mostTurns, before })) ?? null,
        temporalUrl: temporalUiUrl === undefined ? null : runInUi(temporalUiUrl, namespace, info),
        totals: (await recorded?.usageOf(firstRunId)) ?? null,
        isApproval: info.memo?.['kind'] === 'approval',
        readValue: async (digest) => values?.get(digest, { runId: id, firstRunId }),
      });
    },
    async callerOf(id) {
      const info = await describe(id);
      return info?.type === runWorkflowType ? callerIn(info.memo) : undefined;
    },
    async stopped(id) {
      const info = await describe(id);
      return info?.status.name === 'TERMINATED'
        ? 'terminated'
        : info?.status.name === 'TIMED_OUT'
          ? 'timed out'
          : undefined;
    },
    async list({ limit, pageToken, context, text, ...filter }) {
      if (context !== undefined || text !== undefined)
        return await listRecorded({ recorded, list, pageTokens }, { limit, pageToken, context, text, ...filter });
      const query = visibilityQuery(filter);
      const { runs, next } = await list(
        query,
        limit,
        pageToken === undefined ? undefined : pageTokens.read(pageToken, query),
      );
      return { runs, nextPageToken: pageTokens.write(next, query) };
    },
    async history(id) {
      const info = await describe(id);
      if (info?.type !== runWorkflowType) return undefined;
      const history = await bounded(() => client.workflow.getHandle(id, info.runId).fetchHistory(), historyDeadlineMs);
      return historyToJSON(history);
    },
    changes: (id, signal) => followRun({ client, id, signal }),
    cancel: (id) => closedOr('ordered', () => client.workflow.getHandle(id).cancel()),
    retry: (id) => closedOr('ordered', () => client.workflow.getHandle(id).signal(retrySignal)),
    async send(id, message) {
      const info = await describe(id);
      if (info?.type !== runWorkflowType) return 'not-found';
      if (!isOpen(info.status)) return 'closed';
      try {
        return await sendMessage(messages, values, id, message);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'closed';
        throw error;
      }
    },
    signalDecided: (id, hint) => {
      const { traceparent } = trace();
      const sent = { ...hint, ...(traceparent !== undefined && { traceparent }) };
      return closedOr('delivered', () => client.workflow.getHandle(id).signal(decidedSignal, sent));
    },
    signalAsked: (id, hint) => closedOr('delivered', () => client.workflow.getHandle(id).signal(askedSignal, hint)),
    health: async () => void (await bounded(() => client.workflowService.getSystemInfo({}))),
  };
}

function traced(trace: RunTrace): { trace?: RunTrace } {
  return Object.keys(trace).length === 0 ? {} : { trace };
}
