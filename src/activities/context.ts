import { Context } from '@temporalio/activity';
import type { RunFacts, Tool } from '../assistant/tool.ts';
import type { Assistant, HoldpointConfig } from '../assistant/assistant.ts';
import { parseCallKey, type CallKey, type CallKeyParts } from '../domain/call-key.ts';
import type { CallReference } from '../domain/activities.ts';
import { noAssistant } from '../domain/standalone-approval.ts';
import type { Json } from '@holdpoint/json';
import { approvalTool } from './standalone-approval.ts';
import type { Envelopes } from '../signing/envelope.ts';
import { failure } from './failure.ts';
import type { RunMeter } from './run-meter.ts';
import type {
  ApprovalRequests,
  EarlyAnswers,
  EffectLedger,
  ModelSurface,
  PublishedAssistants,
  RunRecords,
  Runs,
  RunValues,
  StoredValues,
  Transcripts,
  WaitingRuns,
} from './ports.ts';
import type { ReviewService } from '@holdpoint/cheqpoint';

/** The dependencies of a worker. */
export type WorkerDependencies = Omit<ActivityDependencies, 'values'> & { values: StoredValues };

/** The dependencies of the Activities. */
export type ActivityDependencies = {
  config: HoldpointConfig;
  surface: (assistant: Assistant) => ModelSurface;
  /** @throws ReviewFailure `access-denied` when it has no Connection Key. */
  review: (requester: Pick<Requester, 'name' | 'connectionKey'>) => ReviewService;
  /** The stored values of the run whose Activity asks. */
  values: RunValues;
  transcripts: Transcripts;
  requests: ApprovalRequests;
  effects: EffectLedger;
  runs: Runs;
  waitingRuns: WaitingRuns;
  envelopes: Envelopes;
  /** The callback address of one request. Undefined where Cheqpoint can't reach the gateway. */
  callbackUrl: (request: { workflowId: string; callKey: CallKey; request: number }) => string | undefined;
  /** The address of the run in Temporal's Web UI. Undefined without one. */
  workflowUrl: (workflowId: string, runId: string) => string | undefined;
  /** @default none: nothing is recorded beyond what the run needs */
  runRecords?: RunRecords;
  /** @default none: a run whose assistant is unknown parks at once */
  published?: PublishedAssistants;
  /** Attempts before a run fails whose assistant no worker ever had. @default 16, over ten minutes */
  attemptsAtUnknown?: number;
  /** Spans show arguments and results of tools. @default false */
  traceContent?: boolean;
  /** @default nothing is counted */
  meter?: RunMeter;
  /** The Task Queue of tools. @default none: tools run on the Task Queue of the run */
  toolQueue?: string;
  /** Reads that the Workflow Tasks of this worker began. @default none */
  earlyReads?: EarlyAnswers;
  /** Names this worker process in the effect ledger. */
  worker: string;
  now: () => number;
};

/**
 * The assistant of that name.
 * @throws UnknownAssistant (parks) when this worker's config has none.
 */
export function assistantNamed(config: HoldpointConfig, name: string): Assistant {
  const assistant = config.assistants.find((each) => each.name === name);
  if (assistant) return assistant;
  const known = config.assistants.map((each) => each.name).join(', ');
  throw failure(
    'UnknownAssistant',
    `This worker's config has no assistant "${name}"; it has: ${known}. Deploy the config that has it, then retry the run.`,
  );
}

/** Requests approvals: an assistant, or `(none)` for a standalone approval without an assistant. */
export type Requester = Pick<Assistant, 'name' | 'connectionKey' | 'tools' | 'reviewBy' | 'actsFor'>;

/**
 * The requester of that name. Its Connection Key is used for requests.
 * @throws UnknownAssistant (parks) when this worker's config has none.
 */
export function requesterNamed(config: HoldpointConfig, name: string): Requester {
  return name === noAssistant ? { name, connectionKey: null, tools: [] } : assistantNamed(config, name);
}

/**
 * The tool of a call: one of the requester's, or the standalone approval as a tool.
 * @throws InvalidRunInput when that approval is malformed.
 */
export function toolOf(
  requester: Requester,
  { tool, approval }: Pick<CallReference, 'tool' | 'approval'>,
): Tool | undefined {
  return approval ? approvalTool(approval) : toolNamed(requester, tool);
}

export function toolNamed(assistant: Pick<Assistant, 'tools'>, name: string): Tool | undefined {
  return assistant.tools.find((tool) => tool.name === name);
}

export function factsOf(assistant: Pick<Assistant, 'name'>, context: Json): RunFacts {
  return { runId: ownExecution().workflowId, assistant: assistant.name, context };
}

/**
 * The Workflow that started this Activity.
 * @throws ForeignCall when the Activity was started without one (`temporal activity start`).
 */
export function ownExecution(): { workflowId: string; runId: string } {
  const execution = Context.current().info.workflowExecution;
  if (!execution)
    throw failure('ForeignCall', 'This Activity was started without a Workflow. It acts only for a Run Workflow.');
  return execution;
}

/**
 * The first run id of this Activity's Workflow. It names the run's calls and its transcript. Temporal is asked unless
 * the Workflow claims to be the first of its chain: run ids are unique, so the claim can name only its own run.
 */
export async function ownFirstRunId(runs: Runs, claimed: string | undefined): Promise<string> {
  const { workflowId, runId } = ownExecution();
  return claimed === runId ? runId : await runs.firstRunId(workflowId, runId);
}

/**
 * The parts of a call key, after checking that the call belongs to this Activity's Workflow.
 * @throws ForeignCall for a key of another run, or a malformed key.
 */
export async function ownCall(runs: Runs, key: unknown): Promise<CallKeyParts> {
  const parts = typeof key === 'string' ? parseCallKey(key) : undefined;
  const firstRunId = await ownFirstRunId(runs, parts?.firstRunId);
  if (parts?.firstRunId === firstRunId) return parts;
  throw failure(
    'ForeignCall',
    `The call ${JSON.stringify(key)} is not one of the run ${ownExecution().workflowId} (first run id ${firstRunId}).`,
  );
}
