import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import type { TranscriptEntry, TurnReply, TurnRequest } from '../../../../src/activities/ports.ts';
import { openDatabase } from '../../../../src/adapters/database/open-database.ts';
import {
  createAssistantsSurface,
  type AssistantsSurfaceOptions,
} from '../../../../src/adapters/openai/assistants/assistants-surface.ts';
import type { AssistantDefinition } from '../../../../src/assistant/define-assistant.ts';
import type { ConversationRef } from '../../../../src/domain/conversation.ts';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../../src/domain/model-failure.ts';
import { defineAssistant } from '../../../../src/index.ts';
import {
  type FaultInput,
  type LoggedRequest,
  type ScriptedSteps,
  type SetFault,
  startOpenAIStandIn,
} from '@holdpoint/openai-stand-in';
import { apiKey, refund } from '../surface-for-test.ts';

type Input = TurnRequest['input'] | string;

/** The call that scripts make in these tests. */
export const refundCall = (order: string, callId: string) => ({ name: 'refund', arguments: { order }, callId });

/** One run's turns on a real surface at a stand-in that says these steps, one for each time the model is asked. */
export async function assistantsForTest(
  steps: ScriptedSteps['steps'],
  definition: Partial<AssistantDefinition> = {},
  options: Partial<AssistantsSurfaceOptions> = {},
) {
  const standIn = await startOpenAIStandIn({ apiKey, scripts: [{ steps, progress: 'request' }] });
  onTestFinished(() => standIn.close());
  const database = await openDatabase('sqlite::memory:');
  onTestFinished(() => database.close());
  const { control } = standIn;
  const openai = new OpenAI({ apiKey, baseURL: standIn.url, maxRetries: 0 });
  const newSurface = () =>
    createAssistantsSurface({
      apiKey,
      baseURL: standIn.url,
      transcripts: database.transcripts,
      pollIntervals: { firstMs: 1, longestMs: 5 },
      ...options,
    });
  const assistant = defineAssistant({
    name: 'comms',
    api: 'assistants',
    model: 'gpt-5',
    instructions: 'Be kind.',
    tools: [refund],
    ...definition,
  });
  let turn = 0;

  const run = {
    control,
    openai,
    newSurface,
    assistant,
    surface: newSurface(),
    conversation: null as ConversationRef | null,
    note: null as JsonObject | null,
    /** Takes the next turn; the same one again where the last try of it failed. */
    async take(input: Input, overrides: Partial<TurnRequest> = {}): Promise<TurnReply> {
      const request: TurnRequest = {
        assistant,
        runId: 'run-1',
        firstRunId: 'first-1',
        context: null,
        turn: turn + 1,
        conversation: run.conversation,
        input: typeof input === 'string' ? { outputs: [], messages: [input] } : input,
        signal: new AbortController().signal,
        onDelta: () => undefined,
        resumeFrom: null,
        checkpoint: async (note) => {
          run.note = note;
        },
        ...overrides,
      };
      const reply = await run.surface.takeTurn(request);
      turn += 1;
      run.conversation = reply.conversation;
      return reply;
    },
    answer: (outputs: { [callId: string]: string }, overrides?: Partial<TurnRequest>): Promise<TurnReply> =>
      run.take(
        { outputs: Object.entries(outputs).map(([callId, output]) => ({ callId, output })), messages: [] },
        overrides,
      ),
    async failure(taking: Promise<unknown>): Promise<ModelFailure> {
      const thrown: unknown = await taking.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (thrown instanceof ModelFailure) return thrown;
      throw new Error('The turn did not fail with a ModelFailure.', { cause: thrown });
    },
    /** Ten minutes and a bit go by. */
    expire: (): void => control.advanceClock(601_000),
    surfaceText: (field: 'threadId' | 'runId'): string => run.conversation?.surface[field] as string,
    /** Every message of the thread, oldest first: `user: …` or `assistant: …`. */
    async said(threadId: string = run.surfaceText('threadId')): Promise<string[]> {
      const { data } = await openai.beta.threads.messages.list(threadId, { order: 'asc', limit: 100 });
      return data.map(
        ({ role, content }) =>
          `${role}: ${content.map((part) => (part.type === 'text' ? part.text.value : '')).join('')}`,
      );
    },
    statuses: (): string[] => control.assistantRuns().map(({ status }) => status),
    posts: (ending: string): LoggedRequest[] =>
      control.requests().filter(({ method, path }) => method === 'POST' && path.endsWith(ending)),
    fault: (kind: 'drop' | 'drop_after_commit', ending: string): SetFault =>
      control.fault({ kind, match: { method: 'POST', path: `*${ending}` } } satisfies FaultInput),
    transcript: async (): Promise<TranscriptEntry[]> =>
      (run.conversation && (await database.transcripts.read(run.conversation.entry))) ?? [],
  };
  return run;
}
