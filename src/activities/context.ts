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
import type {
  ApprovalRequests,
  EffectLedger,
  ModelSurface,
  Runs,
  StoredValues,
  Transcripts,
  WaitingRuns,
} from './ports.ts';
import type { ReviewService } from '@holdpoint/cheqpoint';

/** All that the Activities work with. */
export type ActivityDependencies = {
  config: HoldpointConfig;
  surface: (assistant: Assistant) => ModelSurface;
  /** @throws ReviewFailure `access-denied` when there is no Connection Key for it. */
  review: (requester: Pick<Requester, 'name' | 'connectionKey'>) => ReviewService;
  values: StoredValues;
  transcripts: Transcripts;
  requests: ApprovalRequests;
  effects: EffectLedger;
  runs: Runs;
  waitingRuns: WaitingRuns;
  envelopes: Envelopes;
  /** Where Cheqpoint calls back for one request; undefined where it cannot reach us. */
  callbackUrl: (request: { workflowId: string; callKey: CallKey; request: number }) => string | undefined;
  /** The run in Temporal's Web UI; undefined where there is none. */
  workflowUrl: (workflowId: string, runId: string) => string | undefined;
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

/** Who asks people: an assistant, or nobody of the config for an approval that names none. */
export type Requester = Pick<Assistant, 'name' | 'connectionKey' | 'tools'>;

/**
 * Whose Connection Key requests go by: the assistant's of that name, or the default one.
 * @throws UnknownAssistant (parks) when this worker's config has none.
 */
export function requesterNamed(config: HoldpointConfig, name: string): Requester {
  return name === noAssistant ? { name, connectionKey: null, tools: [] } : assistantNamed(config, name);
}

/**
 * The tool that a call is for: one of the requester's, or what a standalone approval says of its own.
 * @throws InvalidRunInput when that approval can't be asked.
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
 * The Workflow that this Activity works for.
 * @throws ForeignCall when it was started without one (`temporal activity start`): an Activity by hand runs no tool.
 */
export function ownExecution(): { workflowId: string; runId: string } {
  const execution = Context.current().info.workflowExecution;
  if (!execution)
    throw failure('ForeignCall', 'This Activity acts only for a Run Workflow, and was started without one.');
  return execution;
}

/**
 * The first run id of the chain that this Activity's Workflow is in, which names its calls and its transcript. Temporal is
 * asked, unless the Workflow says that it is the first of its chain itself: run ids are never given twice, so by its own
 * one no Workflow can take what is another's.
 */
export async function ownFirstRunId(runs: Runs, said: string | undefined): Promise<string> {
  const { workflowId, runId } = ownExecution();
  return said === runId ? runId : await runs.firstRunId(workflowId, runId);
}

/**
 * The parts of a call key, once it is sure that the call belongs to the very Workflow this Activity works for.
 * @throws ForeignCall for a key of another run, or none.
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
