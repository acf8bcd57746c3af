import type { JsonObject } from '@holdpoint/json';
import type { Prices } from '../domain/cost.ts';
import type { ReviewByRule, RunFacts, Tool } from './tool.ts';

/** A checked assistant with all defaults, made by `defineAssistant`. `AssistantDefinition` describes its fields. */
export type Assistant = {
  readonly name: string;
  readonly api: 'responses' | 'assistants';
  /** Null: the model of the existing assistant (`assistantId`). */
  readonly model: string | null;
  readonly instructions: string | null;
  readonly tools: readonly Tool[];
  /** Null: the run's number, else 50. */
  readonly maxTurns: number | null;
  /** Null: nothing is sent. */
  readonly store: boolean | null;
  readonly chain: boolean;
  /** Null: in the foreground. */
  readonly background: { deadlineMs: number } | null;
  /** Null: chained by response id. */
  readonly conversation: 'run' | { id: string } | null;
  /** Null: an assistant made from this definition. */
  readonly assistantId: string | null;
  /** Null: a new thread for each run. */
  readonly thread: string | ((run: RunFacts<never>) => string | null | Promise<string | null>) | null;
  /** Null: nothing is sent. */
  readonly parallelToolCalls: boolean | null;
  /** Null: nothing is sent. */
  readonly strict: boolean | null;
  /** Fields that `modelSettings` sets to `undefined`, so that Holdpoint does not send them. */
  readonly leavesOut: readonly string[];
  readonly modelSettings: JsonObject;
  /** Null: the default Connection Key. Never logged. */
  readonly connectionKey: string | null;
  /** Who decides on calls of tools without `review.by`. */
  readonly reviewBy?: ReviewByRule<unknown>;
  /** The field of the run's context that names the person it acts for. */
  readonly actsFor?: string;
};

/** A checked config, made by `defineConfig`: the default export of `holdpoint.config.ts`. */
export type HoldpointConfig = {
  readonly assistants: readonly Assistant[];
  readonly taskQueue: string;
  /** Absent: the cost of turns is not known. */
  readonly prices?: Prices;
};
