import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { TranscriptEntry, TurnReply, TurnRequest } from '../../../src/activities/ports.ts';
import { openDatabase } from '../../../src/adapters/database/open-database.ts';
import { createResponsesSurface } from '../../../src/adapters/openai/responses/responses-surface.ts';
import type { ResponsesSurfaceOptions } from '../../../src/adapters/openai/responses/responses-surface.ts';
import type { AssistantDefinition } from '../../../src/assistant/define-assistant.ts';
import type { ConversationRef } from '../../../src/domain/conversation.ts';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../src/domain/model-failure.ts';
import { defineAssistant, defineTool } from '../../../src/index.ts';
import { type OpenAIStandIn, startOpenAIStandIn, type StartStandInOptions } from '@holdpoint/openai-stand-in';

export const apiKey = 'sk-test-canary-4711';

/** A tool that the model may call; it is never run here. */
export const refund = defineTool({
  name: 'refund',
  description: 'Refund an order.',
  parameters: z.object({ order: z.string() }),
  effect: 'at-most-once',
  review: 'never',
  execute: () => null,
});

type Overrides = Partial<TurnRequest> & { assistant?: TurnRequest['assistant'] };

/** One run's turns on a real surface, with transcripts in a real database. */
export type RunForTest = {
  /** Takes the next turn and stores the state of the conversation. */
  take(input: TurnRequest['input'] | string, overrides?: Overrides): Promise<TurnReply>;
  /** Answers every call of the last turn. */
  answer(output: string, overrides?: Overrides): Promise<TurnReply>;
  /** The failure of a turn that must not succeed. */
  failure(input: TurnRequest['input'] | string, overrides?: Overrides): Promise<ModelFailure>;
  conversation: ConversationRef | null;
  /** A text that the surface keeps in the reference. */
  surfaceText(field: string): string;
  transcript(): Promise<TranscriptEntry[]>;
  /** The checkpoint of the last attempt. */
  note: JsonObject | null;
  warnings: string[];
  deltas: number;
};

export async function runForTest(
  url: string,
  definition: Partial<AssistantDefinition> = {},
  options: Partial<ResponsesSurfaceOptions> = {},
): Promise<RunForTest> {
  const database = await openDatabase('sqlite::memory:');
  onTestFinished(() => database.close());
  const warnings: string[] = [];
  const surface = createResponsesSurface({
    apiKey,
    baseURL: url,
    transcripts: database.transcripts,
    pollIntervals: { firstMs: 2, longestMs: 10 },
    log: {
      info: () => undefined,
      warn: (_fields, message) => {
        warnings.push(message);
      },
    },
    ...options,
  });
  const assistant = defineAssistant({
    name: 'comms',
    model: 'gpt-5',
    instructions: 'Be kind.',
    tools: [refund],
    ...definition,
  });
  let turn = 0;
  let open: string[] = [];

  const run: RunForTest = {
    conversation: null,
    note: null,
    warnings,
    deltas: 0,
    surfaceText(field) {
      const value = run.conversation?.surface[field];
      if (typeof value !== 'string') throw new Error(`The surface keeps no ${field}.`);
      return value;
    },
    transcript: async () => (run.conversation && (await database.transcripts.read(run.conversation.entry))) ?? [],
    async take(input, overrides = {}) {
      const reply = await surface.takeTurn({
        assistant,
        runId: 'run-1',
        firstRunId: 'first-1',
        context: null,
        turn: turn + 1,
        conversation: run.conversation,
        input: typeof input === 'string' ? { outputs: [], messages: [input] } : input,
        signal: new AbortController().signal,
        onDelta: (characters) => {
          run.deltas += characters;
        },
        resumeFrom: null,
        checkpoint: async (note) => {
          run.note = note;
        },
        ...overrides,
      });
      turn += 1;
      run.conversation = reply.conversation;
      open = reply.outcome.type === 'calls' ? reply.outcome.calls.map((call) => call.callId) : [];
      return reply;
    },
    answer: (output, overrides) =>
      run.take({ outputs: open.map((callId) => ({ callId, output })), messages: [] }, overrides),
    async failure(input, overrides) {
      const thrown: unknown = await run.take(input, overrides).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (thrown instanceof ModelFailure) return thrown;
      throw new Error('The turn did not fail with a ModelFailure.', { cause: thrown });
    },
  };
  return run;
}

/** A stand-in for OpenAI on a free port; closed when the test ends. */
export async function standInForTest(options: StartStandInOptions = {}): Promise<OpenAIStandIn> {
  const standIn = await startOpenAIStandIn({ apiKey, ...options });
  onTestFinished(() => standIn.close());
  return standIn;
}

/** The bodies of the requests that asked for a response, oldest first. */
export function postsTo(standIn: OpenAIStandIn): JsonObject[] {
  return standIn.control
    .requests()
    .filter(({ method, path }) => method === 'POST' && path === '/v1/responses')
    .map(({ body }) => body as JsonObject);
}
