import type { Json } from '@holdpoint/json';
import type { RiskLevel } from '../domain/approval.ts';
import type { ReviewBy } from './review-by.ts';
import type { ReviewPresets, ReviewPreview } from './review-shows.ts';
import type { Duration, RunFacts, ToolCallFacts } from './tool.ts';
import type { ObjectSchema } from './zod-json-schema.ts';

/**
 * The type of a run's `context` depends on the caller that starts the run. Annotate the parameter to give it one:
 * `(args, run: RunFacts<{ user: string }>) => …`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- With `unknown`, `run.context.user` would need a cast.
type AnyContext = any;

type Arguments<Schema extends ObjectSchema> = Schema['_zod']['output'];

/**
 * When and how a person reviews a call. All functions get the parsed arguments. One that throws, or is slower than 10
 * seconds, sends the call to review.
 * @example
 * { when: ({ amount }) => amount > 50, risk: ({ amount }) => (amount > 1000 ? 'high' : 'medium'), expiresIn: '3 days' }
 */
export type ToolReview<Args> = {
  /**
   * True sends the call to review, false runs it at once.
   * @default every call is reviewed
   */
  when?: (args: Args, run: RunFacts<AnyContext>) => boolean | Promise<boolean>;
  /**
   * One plain sentence for the reviewer.
   * @default '<assistant> wants to run <tool>'
   */
  summary?: string | ((args: Args, run: RunFacts<AnyContext>) => string);
  /**
   * The risk that the reviewer sees. A function that throws counts as `high`.
   * @default 'medium'
   */
  risk?: RiskLevel | ((args: Args, run: RunFacts<AnyContext>) => RiskLevel);
  /**
   * Why the call should be approved.
   * @default the model's text, marked as the model's
   */
  justification?: string | ((args: Args, run: RunFacts<AnyContext>) => string);
  /** Further facts for the reviewer. They are never executed. */
  context?: (args: Args, run: RunFacts<AnyContext>) => Json;
  /**
   * Shows the reviewer what the arguments mean: an email, markdown, a diff, a table or an image. The arguments run, not
   * the preview. Without a result, or with an error, there is no preview.
   */
  preview?: (args: Args, run: RunFacts<AnyContext>) => ReviewPreview | null | undefined;
  /**
   * Whom or what the action is about: the name of a parameter, or a function. The reviewer sees the last decisions on
   * the same subject. It decides nothing.
   */
  subject?: (keyof Args & string) | ((args: Args, run: RunFacts<AnyContext>) => string | number | null | undefined);
  /**
   * Quick notes for the reviewer by language, at most nine for each answer: `{ en: ['Wrong customer'] }` for a rejection, or
   * `{ en: { approve: ['Checked by phone'], reject: ['Wrong customer'] } }`.
   * @default a general list in English and German
   */
  presets?: ReviewPresets;
  /**
   * Time to wait for a decision: text such as `'3 days'`, or milliseconds.
   * @default no limit
   */
  expiresIn?: Duration;
  /**
   * After `expiresIn`: `tell-model` continues the run without the action, `fail-run` fails it with `ApprovalExpired`.
   * @default 'tell-model'
   */
  onExpiry?: 'tell-model' | 'fail-run';
  /**
   * Groups of the review server that decide, one after the other. A function that throws, and a group that the server
   * does not know, address the call to the administrators.
   * @default the assistant's reviewBy, else any reviewer
   */
  by?: ReviewBy | ((args: Args, run: RunFacts<AnyContext>) => ReviewBy);
  /**
   * True if the person that the run acts for may approve the call. See the assistant's `actsFor`.
   * @default false
   */
  allowSelf?: boolean;
};

/** @deprecated Write `'at-most-once'`: `'once'` reads as exactly once. */
type DeprecatedEffect = 'once';

type ToolBasics<Schema> = {
  /** The tool's name for the model: 1 to 64 of `a-z A-Z 0-9 _ -`. */
  name: string;
  /** Tells the model what the tool does. */
  description: string;
  /** A `z.object` of zod 4. The model sends every property, so write `.nullable()` instead of `.optional()`. */
  parameters: Schema;
  /**
   * `replace`: a reviewer's edit must keep every top-level key. `merge`: an edit may hold only the changed keys.
   * @default 'replace'
   */
  edits?: 'replace' | 'merge';
  /**
   * True if the model sees the note of a reviewer who rejects.
   * @default true
   */
  noteToModel?: boolean;
  /**
   * Time limit for one attempt of `execute`: text such as `'90 s'`, or milliseconds.
   * @default '10 minutes'
   */
  timeout?: Duration;
};

/** A tool that Holdpoint runs. */
export type ExecutingTool<Schema extends ObjectSchema, Result = unknown> = ToolBasics<Schema> & {
  /**
   * `idempotent`: a repeat with the same `idempotencyKey` has no second effect, so a failed attempt is retried.
   * `at-most-once`: a started attempt is never retried automatically. If its outcome is unknown, a person is asked.
   * `once` is the old name of `at-most-once`. It is accepted with a deprecation warning.
   */
  effect: 'idempotent' | 'at-most-once' | DeprecatedEffect;
  /** Which calls a person decides: `'always'`, `'never'`, or a policy. */
  review: 'always' | 'never' | ToolReview<Arguments<Schema>>;
  /**
   * Version of the code of `execute`: a number of yours, or a digest of the code. An approval covers it: a call that
   * was approved under another version is reviewed again.
   * @default no version, and new code runs calls that were approved before it
   */
  version?: string;
  /**
   * Does the work. The model gets the returned JSON value. Throw `ToolFailed` for a final failure that the model learns
   * of, and `NotExecuted` if nothing happened. Every other error is handled by `effect`.
   */
  execute: (args: Arguments<Schema>, facts: ToolCallFacts<AnyContext>) => Result;
};

/** A tool without `execute`. Every call is reviewed, and the model gets the approval as output. */
export type AskingTool<Schema extends ObjectSchema> = ToolBasics<Schema> & {
  effect?: undefined;
  version?: undefined;
  review?: 'always' | (ToolReview<Arguments<Schema>> & { when?: undefined });
  execute?: undefined;
};
