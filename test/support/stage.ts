import type { Reply } from '@holdpoint/openai-stand-in';
import type { WorkflowFailedError } from '@temporalio/client';
import type { CallView } from '../../src/domain/run.ts';
import type { Tool } from '../../src/index.ts';
import type { FaultInput, SetFault } from '@holdpoint/openai-stand-in';
import type { ApprovalAnswer } from '@holdpoint/cheqpoint/wire';
import { type ReviewerApproval, signInReviewer } from '@holdpoint/review-server/contract';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { connectionKey } from './keys.ts';
import type { StartedRun } from './run-stack.ts';
import { startStandInStack, type StandInStack, type StandInStackOptions } from './stand-in-stack.ts';
import { until } from './until.ts';
import { conversation, type Conversation, type Steps } from './conversation.ts';

/** A run whose model is the stand-in, reached by one surface. */
export type StagedRun = StartedRun &
  Omit<Conversation, 'script'> & {
    firstRunId: string;
    /** The outputs that the model was given, in order. */
    outputs(): string[];
    /** Once so many calls wait for a person: these, in the order in which the model asked. */
    waiting(count: number): Promise<CallView[]>;
    /** All requests that people were asked to decide, oldest first. */
    asked(): Promise<ApprovalAnswer[]>;
    /**
     * The outputs that its turns handed over, as the transcript has them. In a thread a call that is repeated gets its
     * own again.
     */
    handedOver(): Promise<string[]>;
    /** The text that the run began with. */
    text: string;
    /** The newest of these as its reviewer sees it. */
    shown(): Promise<ReviewerApproval>;
    /** The run's answer. */
    said(): Promise<unknown>;
    /** The failure of a run without an answer. */
    failure(): Promise<unknown>;
    /** The same fault on each surface: it meets requests of this run only. */
    fault(fault: FaultInput): SetFault;
  };

export type Stage = Omit<StandInStack, 'start'> & {
  /** Starts a run whose model replies with these steps, or as scripted for the user's text. */
  start(model: Steps | ((text: string) => Conversation), id?: string): Promise<StagedRun>;
};

/** A real Temporal, review server and gateway; real adapters that speak to the stand-in over HTTP. */
export async function startStage(tools: readonly Tool[], options: StandInStackOptions): Promise<Stage> {
  const stack = await startStandInStack(tools, options);
  const reviewer = await signIn(stack);
  return {
    ...stack,
    async start(model, id) {
      let talk: Conversation | undefined;
      const run = await stack.start(
        (text) => (talk = typeof model === 'function' ? model(text) : conversation(text, model)).script,
        { ...(id !== undefined && { id }) },
      );
      const { script: _, ...seen } = talk as unknown as Conversation;
      const { raw } = await stack.client.workflow.getHandle(run.id).describe();
      const firstRunId = raw.workflowExecutionInfo?.firstRunId as string;
      return {
        ...run,
        ...seen,
        firstRunId,
        outputs: () => seen.given().map(({ output }) => output),
        waiting: (count) =>
          until(`${count} calls of ${run.id} wait`, async () => {
            const waiting = (await run.view()).calls.filter(({ state }) => state === 'waiting');
            return waiting.length === count && waiting;
          }),
        asked: () => reviewer.approvalsOf(`${firstRunId}/`),
        async handedOver() {
          const { conversation: end } = await run.result();
          const entries = (await stack.dependencies.transcripts.read(end?.entry ?? '')) ?? [];
          return entries.flatMap(({ sent }) =>
            (sent as Array<{ type: string; output?: unknown }>)
              .filter(({ type }) => type === 'function_call_output')
              .map(({ output }) => String(output)),
          );
        },
        shown: async () => reviewer.show((await reviewer.approvalsOf(`${firstRunId}/`)).at(-1)?.id ?? ''),
        async said() {
          const { output } = (await run.result()) as { output: { type: string; value?: unknown } };
          return output.type === 'inline' ? output.value : output;
        },
        failure: async () => ((await run.result().catch((error: unknown) => error)) as WorkflowFailedError).cause,
        fault: (fault) => stack.control.fault({ ...fault, match: { method: 'POST', text: run.text, ...fault.match } }),
      };
    },
  };
}

/** The requests at the review server for one run, as a reviewer lists them and Holdpoint reads them, oldest first. */
async function signIn({ reviewServer }: StandInStack): Promise<{
  approvalsOf(ownKeys: string): Promise<ApprovalAnswer[]>;
  show(id: string): Promise<ReviewerApproval>;
}> {
  const { client } = await signInReviewer(reviewServer.url, 'rita', 'a good password');
  const read = async (id: string): Promise<ApprovalAnswer> =>
    (await (
      await fetch(`${reviewServer.url}/api/approvals/${id}`, { headers: { 'x-api-key': connectionKey } })
    ).json()) as ApprovalAnswer;
  const callKeys = new Map<string, string>();
  return {
    show: (id) => client.call('GET /approvals/{id}', { path: { id } }),
    async approvalsOf(ownKeys) {
      const { approvals } = await client.call('GET /approvals', { query: { limit: 200 } });
      const ids = approvals.map(({ id }) => id).toReversed();
      for (const id of ids)
        if (!callKeys.has(id))
          callKeys.set(id, ((await read(id)).details[RESERVED_DETAILS_KEY] as { callKey: string }).callKey);
      return await Promise.all(ids.filter((id) => callKeys.get(id)?.startsWith(ownKeys)).map(read));
    },
  };
}

/** A reply of the model that calls `send_mail` with each of these arguments. */
export function mailCalls(...args: Array<Record<string, unknown>>): Reply {
  return { calls: args.map((each) => ({ name: 'send_mail', arguments: each })) };
}
