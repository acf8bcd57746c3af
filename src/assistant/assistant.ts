import type { JsonObject } from '@holdpoint/json';
import type { RunFacts, Tool } from './tool.ts';

/** An assistant as Holdpoint's own code sees it: made by `defineAssistant`, checked. */
export type Assistant = {
  readonly name: string;
  /** Which OpenAI API it is reached by. */
  readonly api: 'responses' | 'assistants';
  /** Null: the existing assistant's own (`assistantId`). */
  readonly model: string | null;
  readonly instructions: string | null;
  readonly tools: readonly Tool[];
  /** Turns before a run fails; null: the run's own number, else 50. */
  readonly maxTurns: number | null;
  /** Whether OpenAI keeps responses. False: every turn replays the saved transcript. Null: nothing is sent. Default true. */
  readonly store: boolean | null;
  /** Whether a turn continues the last response by its id. False: every turn sends the saved transcript. Default true. */
  readonly chain: boolean;
  /** Ask OpenAI to work in the background and poll, for turns of many minutes; the deadline is ours. */
  readonly background: { deadlineMs: number } | null;
  /** `run`: one OpenAI conversation per run; an id: that conversation; null: chained by response id. */
  readonly conversation: 'run' | { id: string } | null;
  /** The existing assistant at OpenAI; null: one made from this definition. `assistants` only. */
  readonly assistantId: string | null;
  /** The thread to go on in, or what finds it for a run; null: a new one for each run. `assistants` only. */
  readonly thread: string | ((run: RunFacts<never>) => string | null | Promise<string | null>) | null;
  /** Null: nothing is sent. */
  readonly parallelToolCalls: boolean | null;
  /** Whether the model must keep to the tools' schemas. Null: nothing is sent. Default true. */
  readonly strict: boolean | null;
  /** Fields of the request that Holdpoint would send by itself, and that modelSettings leaves out. */
  readonly leavesOut: readonly string[];
  /** Further fields of the OpenAI request, as they are (`temperature`, `reasoning`, `max_output_tokens`, …). */
  readonly modelSettings: JsonObject;
  /** This assistant's own Cheqpoint Connection Key; null: the default one. Never logged. */
  readonly connectionKey: string | null;
};

/** A user's whole config: what `holdpoint.config.ts` exports by `defineConfig`. */
export type HoldpointConfig = {
  readonly assistants: readonly Assistant[];
  /** The Task Queue of the worker. Default `holdpoint`. */
  readonly taskQueue: string;
};
