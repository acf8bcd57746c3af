import type { z } from 'zod';
import type { RiskLevel } from '../domain/approval.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import type { ReviewBy } from './review-by.ts';
import type { ReviewPresets, ReviewPreview } from './review-shows.ts';

/** A time span: text of the `ms` package such as `'3 days'` or `'90 s'`, or milliseconds. */
export type Duration = string | number;

/** The run of a call, for review policies and tools. */
export type RunFacts<Context = unknown> = {
  runId: string;
  assistant: string;
  /** The `context` that the run was started with, or null. */
  context: Context;
};

/** The second argument of `execute`. */
export type ToolCallFacts<Context = unknown> = {
  /** The call key, the same for every attempt of one call. Pass it to the system that you act on. */
  idempotencyKey: string;
  /** Aborts when the run is cancelled, the attempt times out or the worker shuts down. */
  signal: AbortSignal;
  run: RunFacts<Context>;
  context: Context;
  /** The number of the attempt, from 1. */
  attempt: number;
};

/** `ReviewBy`, or a function that returns it. */
export type ReviewByRule<Args> = ReviewBy | ((args: Args, run: RunFacts<never>) => ReviewBy);

/** A checked review policy. `ToolReview` describes its fields. */
export type ReviewPolicy<Args> = {
  when?: (args: Args, run: RunFacts<never>) => boolean | Promise<boolean>;
  summary?: string | ((args: Args, run: RunFacts<never>) => string);
  risk?: RiskLevel | ((args: Args, run: RunFacts<never>) => RiskLevel);
  justification?: string | ((args: Args, run: RunFacts<never>) => string);
  context?: (args: Args, run: RunFacts<never>) => Json;
  preview?: (args: Args, run: RunFacts<never>) => ReviewPreview | null | undefined;
  subject?: string | ((args: Args, run: RunFacts<never>) => string | number | null | undefined);
  presets?: ReviewPresets;
  expiresIn?: Duration;
  onExpiry?: 'tell-model' | 'fail-run';
  by?: ReviewByRule<Args>;
  allowSelf?: boolean;
};

declare const types: unique symbol;

/**
 * A checked tool with all defaults, made by `defineTool`. `parameters` parses arguments. `parametersSchema` is the
 * strict JSON schema for the model. `Args`: the arguments that a model sends. `Result`: the result of `execute`.
 */
export type Tool<Args = unknown, Result = unknown> = {
  /** Never set: it carries the types. */
  readonly [types]?: { args: Args; result: Result };
  readonly name: string;
  readonly description: string;
  readonly parameters: z.ZodType;
  readonly parametersSchema: JsonObject;
  /**
   * SHA-256 over the part of the tool that an approval covers: name, schema without descriptions, effect, has
   * `execute`.
   */
  readonly definition: string;
  /** The `version` of its code, which the definition covers. */
  readonly version?: string;
  readonly effect: 'idempotent' | 'at-most-once' | 'none';
  readonly review: 'always' | 'never' | ReviewPolicy<unknown>;
  readonly edits: 'replace' | 'merge';
  readonly noteToModel: boolean;
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly execute: ((args: unknown, facts: ToolCallFacts) => unknown) | null;
};
