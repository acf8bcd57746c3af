import { randomUUID } from 'node:crypto';
import OpenAI from 'openai';
import { textField, type Item } from '../../src/adapters/openai/responses/response-object.ts';
import { createSurfaces } from '../../src/adapters/openai/surfaces.ts';
import type { RunInput } from '../../src/domain/run.ts';
import type { Assistant, Tool } from '../../src/index.ts';
import { type Script, type ScriptedSteps, type StandInControl, startOpenAIStandIn } from '@holdpoint/openai-stand-in';
import { startRunStack, type RunStack, type RunStackOptions, type StartedRun } from './run-stack.ts';

export type StandInStackOptions = Omit<RunStackOptions, 'surface'> & {
  /** Which API the one assistant, `tester`, is reached by. */
  api: Assistant['api'];
};

export type ModelledRun = StartedRun & {
  /** The user's text, this run's own: faults can be aimed at it. */
  text: string;
  /** After the end of the run: the outputs that the model got, by turn. */
  toldByTurn(): Promise<string[][]>;
};

export type StandInStack = Omit<RunStack, 'start' | 'script' | 'model'> & {
  control: StandInControl;
  /** The official client, for actions of other clients at OpenAI. */
  openai: OpenAI;
  /** Starts a run whose model replies with one of these steps per request, or as a script for the user's text does. */
  start(
    model: ScriptedSteps['steps'] | ((text: string) => Script),
    options?: { id?: string } & Partial<RunInput>,
  ): Promise<ModelledRun>;
  /** Moves the stand-in's clock and the worker's ahead. */
  advance(milliseconds: number): void;
};

/** A run stack whose worker reaches the stand-in as it reaches OpenAI, by either API. */
export async function startStandInStack(
  tools: readonly Tool[],
  { api, assistant, dependencies, ...options }: StandInStackOptions,
): Promise<StandInStack> {
  const standIn = await startOpenAIStandIn({ background: { pollsUntilFinished: 1 } });
  const { url: baseURL, control } = standIn;
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const stack = await startRunStack(tools, {
    ...options,
    assistant: { model: 'gpt-5', ...assistant, api },
    surface: (transcripts) =>
      createSurfaces({
        apiKey: 'sk-test',
        baseURL,
        transcripts: dependencies?.transcripts ?? transcripts,
        now,
        pollIntervals: { firstMs: 2, longestMs: 20 },
      }),
    dependencies: { now, ...dependencies },
  });
  return {
    ...stack,
    control,
    openai: new OpenAI({ apiKey: 'sk-test', baseURL, maxRetries: 0 }),
    async start(model, more = {}) {
      const text = `Do it, ${randomUUID()}`;
      // In a thread each run takes the next step, also after an outcome in a message. A response that is made twice
      // takes the same step.
      control.script(
        typeof model === 'function'
          ? model(text)
          : { when: text, steps: model, ...(api === 'assistants' && { whenIn: 'any', progress: 'request' }) },
      );
      const run = await stack.start([], { input: { type: 'inline', value: text }, ...more });
      return {
        ...run,
        text,
        async toldByTurn() {
          const entries = await stack.database.transcripts.read((await run.result()).conversation?.entry ?? '');
          return (entries ?? [])
            .slice(1)
            .map(({ sent }) =>
              (sent as Item[])
                .filter(({ type }) => type === 'function_call_output')
                .map((item) => textField(item, 'output')),
            );
        },
      };
    },
    advance(milliseconds) {
      ahead += milliseconds;
      control.advanceClock(milliseconds);
    },
    async stop() {
      await stack.stop();
      await standIn.close();
    },
  };
}
