import type { z } from 'zod';
import type { RiskLevel } from '../domain/approval.ts';
import type { Json, JsonObject } from '@holdpoint/json';

/** A time span as text (`'3 days'`, `'90 s'`: the `ms` package's language) or in milliseconds. */
export type Duration = string | number;

/** What a policy and a tool see of the run that a call belongs to. */
export type RunFacts<Context = unknown> = {
  runId: string;
  assistant: string;
  /** As given at start; `null` if none was. */ context: Context;
};

/** What `execute` gets beside its arguments. */
export type ToolCallFacts<Context = unknown> = {
  /** The call key: the same for every attempt of one call. Hand it to the system you act on. */
  idempotencyKey: string;
  /** Aborts when the run is cancelled, the attempt times out or the worker shuts down. */
  signal: AbortSignal;
  run: RunFacts<Context>;
  context: Context;
  /** 1 for the first attempt of this effect. */
  attempt: number;
};

/** When and how a call goes to a person. */
export type ReviewPolicy<Args> = {
  /** True sends the call to review. Default: always. A policy that throws asks for review. */
  when?: (args: Args, run: RunFacts<never>) => boolean | Promise<boolean>;
  /** One plain sentence for the reviewer. Default: `<assistant> wants to run <tool>`. */
  summary?: string | ((args: Args, run: RunFacts<never>) => string);
  /** Default: `medium`. One that throws counts as `high`. */
  risk?: RiskLevel | ((args: Args, run: RunFacts<never>) => RiskLevel);
  /** Why this should happen. Default: the model's own words, marked as such. */
  justification?: string | ((args: Args, run: RunFacts<never>) => string);
  /** Shown to the reviewer, never executed. */
  context?: (args: Args, run: RunFacts<never>) => Json;
  /** How long to wait for a decision. Default: without end. */
  expiresIn?: Duration;
  /** `tell-model` (default): the run goes on without the action. `fail-run`: it fails with `ApprovalExpired`. */
  onExpiry?: 'tell-model' | 'fail-run';
};

/**
 * A tool as Holdpoint's own code sees it: made by `defineTool`, checked, with nothing optional left open.
 * `parameters` parses arguments; `parametersSchema` is what the model gets (a strict JSON schema).
 */
export type Tool = {
  readonly name: string;
  readonly description: string;
  readonly parameters: z.ZodType;
  readonly parametersSchema: JsonObject;
  /** SHA-256 over what an approval is given for: name, schema without descriptions, effect, whether it executes. */
  readonly definition: string;
  readonly effect: 'idempotent' | 'at-most-once' | 'none';
  readonly review: 'always' | 'never' | ReviewPolicy<unknown>;
  /** `replace` (default): an edit must keep every top-level key. `merge`: an edit may hold only the changed keys. */
  readonly edits: 'replace' | 'merge';
  /** Whether a rejecting reviewer's note reaches the model. Default true. */
  readonly noteToModel: boolean;
  /** How long one attempt may take, in milliseconds. Default 10 minutes. */
  readonly timeoutMs: number;
  readonly execute: ((args: unknown, facts: ToolCallFacts) => unknown) | null;
};
