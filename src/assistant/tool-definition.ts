import type { Json } from '@holdpoint/json';
import type { RiskLevel } from '../domain/approval.ts';
import type { Duration, RunFacts, ToolCallFacts } from './tool.ts';
import type { ObjectSchema } from './zod-json-schema.ts';

/**
 * A run's `context` comes from whoever starts the run, so its type can't be known here. Annotate the parameter where
 * you want one: `(args, run: RunFacts<{ user: string }>) => …`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- With `unknown` nobody could read `run.context.user` without a cast.
type AnyContext = any;

type Arguments<Schema extends ObjectSchema> = Schema['_zod']['output'];

/** When and how a call goes to a person. All functions get the parsed arguments; one that throws asks for review. */
export type ToolReview<Args> = {
  /** True sends the call to review, false runs it at once. Default: every call is reviewed. */
  when?: (args: Args, run: RunFacts<AnyContext>) => boolean | Promise<boolean>;
  /** One plain sentence for the reviewer. Default: `<assistant> wants to run <tool>`. */
  summary?: string | ((args: Args, run: RunFacts<AnyContext>) => string);
  /** Default: `medium`. One that throws counts as `high`. */
  risk?: RiskLevel | ((args: Args, run: RunFacts<AnyContext>) => RiskLevel);
  /** Why this should happen. Default: the model's own words, marked as such. */
  justification?: string | ((args: Args, run: RunFacts<AnyContext>) => string);
  /** Shown to the reviewer, never executed. */
  context?: (args: Args, run: RunFacts<AnyContext>) => Json;
  /** How long to wait for a decision, as text (`'3 days'`) or in milliseconds. Default: without end. */
  expiresIn?: Duration;
  /** `tell-model` (default): the run goes on without the action. `fail-run`: it fails with `ApprovalExpired`. */
  onExpiry?: 'tell-model' | 'fail-run';
};

/** @deprecated Write `'at-most-once'`: `'once'` reads as exactly once. */
type DeprecatedEffect = 'once';

type ToolBasics<Schema> = {
  /** 1 to 64 of `a-z A-Z 0-9 _ -`; what the model calls it by. */
  name: string;
  /** What the tool does, for the model. */
  description: string;
  /** A `z.object` of zod 4. The model must send every property, so use `.nullable()` and not `.optional()`. */
  parameters: Schema;
  /** `replace` (default): a reviewer's edit must keep every top-level key. `merge`: it may hold only the changed keys. */
  edits?: 'replace' | 'merge';
  /** Whether a rejecting reviewer's note reaches the model. Default true. */
  noteToModel?: boolean;
  /** How long one attempt of `execute` may take, as text or in milliseconds. Default `'10 minutes'`. */
  timeout?: Duration;
};

/** A tool that Holdpoint runs. */
export type ExecutingTool<Schema extends ObjectSchema> = ToolBasics<Schema> & {
  /**
   * `idempotent`: running it again with the same `idempotencyKey` does nothing twice, so a broken attempt is repeated.
   * `at-most-once`: a started attempt is never repeated on its own; if its outcome is unknown, a person is asked.
   * `once` is the old name of `at-most-once`: it is accepted with a deprecation warning.
   */
  effect: 'idempotent' | 'at-most-once' | DeprecatedEffect;
  /** Which calls a person decides: `'always'`, `'never'`, or a policy. */
  review: 'always' | 'never' | ToolReview<Arguments<Schema>>;
  /**
   * Does the work. What it returns must be JSON and is what the model gets. Throw `ToolFailed` to tell the model that
   * it failed for good, `NotExecuted` when certainly nothing happened; anything else counts by `effect`.
   */
  execute: (args: Arguments<Schema>, facts: ToolCallFacts<AnyContext>) => unknown;
};

/** A tool that only asks: a person approves, and the model is told so. Always reviewed. */
export type AskingTool<Schema extends ObjectSchema> = ToolBasics<Schema> & {
  effect?: undefined;
  review?: 'always' | (ToolReview<Arguments<Schema>> & { when?: undefined });
  execute?: undefined;
};
