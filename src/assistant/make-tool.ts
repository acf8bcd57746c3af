import type { z } from 'zod';
import { riskLevels } from '../domain/approval.ts';
import { longestExpiryMs } from '../domain/standalone-approval.ts';
import { longestTimerMs } from '../schemas/duration.ts';
import type { JsonObject } from '@holdpoint/json';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { branded } from './brand.ts';
import { deepFrozen } from './deep-frozen.ts';
import type { AskingTool, ExecutingTool } from './tool-definition.ts';
import { definitionDigest } from './definition-digest.ts';
import {
  checkOneOf,
  checkOptions,
  checkText,
  checkDuration,
  refuse,
  shown,
  type SpanLimit,
} from './invalid-definition.ts';
import { checkReviewBy } from './check-review-by.ts';
import { checkPresets } from './check-shows.ts';
import type { StrictParameters } from './strict-parameters.ts';
import type { Duration, ReviewPolicy, Tool } from './tool.ts';
import type { ObjectSchema } from './zod-json-schema.ts';

/** The options of `review`. */
export const reviewOptions = [
  'when',
  'summary',
  'risk',
  'justification',
  'context',
  'preview',
  'subject',
  'presets',
  'expiresIn',
  'onExpiry',
  'by',
  'allowSelf',
];

const longestTimeout: SpanLimit = {
  ms: longestTimerMs,
  shown: '24 days',
  advice: 'Let the tool start the work and return, and let another tool read its state.',
};
const longestExpiry: SpanLimit = {
  ms: longestExpiryMs,
  shown: 'ten years (3650 days)',
  advice: 'Leave expiresIn out to wait without end.',
};

type AnyTool = ExecutingTool<ObjectSchema> | AskingTool<ObjectSchema>;
/** A tool's definition without its parameters. */
export type ToolParts = { [Option in Exclude<keyof AnyTool, 'parameters'>]?: AnyTool[Option] };

/**
 * Checks the parts of a tool and makes it. `parameters` is called last: it returns the parser of the arguments and the
 * schema for the model.
 * @throws InvalidDefinition
 */
export function makeTool<Args, Result>(
  owner: string,
  input: ToolParts,
  parameters: () => { parser: z.ZodType; strict: StrictParameters },
): Tool<Args, Result> {
  if (typeof input.name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(input.name))
    refuse(owner, 'name must be 1 to 64 letters, digits, "_" or "-".');
  checkText(owner, 'description', input.description);
  checkOneOf(owner, 'edits', input.edits, ['replace', 'merge']);
  checkOneOf(owner, 'noteToModel', input.noteToModel, [true, false]);
  if (input.execute === undefined) checkAsking(owner, input);
  else checkExecuting(owner, input);
  if (typeof input.review === 'object') checkReview(owner, input.review);
  const effect = effectOf(owner, input.effect);
  const { parser, strict } = parameters();
  const schema = acceptedSchema(owner, strict);
  if (typeof input.review === 'object') checkSubject(owner, (input.review as { subject?: unknown }).subject, schema);
  return branded('tool', {
    name: input.name,
    description: input.description,
    parameters: parser,
    parametersSchema: schema,
    definition: definitionDigest({
      name: input.name,
      schema,
      effect,
      executes: input.execute !== undefined,
      version: input.version,
    }),
    ...(input.version !== undefined && { version: input.version }),
    effect,
    review:
      typeof input.review === 'object'
        ? Object.freeze({ ...(input.review as ReviewPolicy<unknown>) })
        : (input.review ?? 'always'),
    edits: input.edits ?? 'replace',
    noteToModel: input.noteToModel ?? true,
    timeoutMs: checkDuration(owner, 'timeout', input.timeout ?? '10 minutes', longestTimeout),
    execute: (input.execute as Tool['execute'] | undefined) ?? null,
  } satisfies Tool);
}

function checkExecuting(
  owner: string,
  input: { effect?: unknown; review?: unknown; execute?: unknown; version?: unknown },
): void {
  if (typeof input.execute !== 'function') refuse(owner, 'execute must be a function.');
  if (input.version !== undefined) checkText(owner, 'version', input.version);
  if (input.effect === undefined)
    refuse(
      owner,
      "effect is missing. Write 'idempotent' if a repeat with the same idempotencyKey is harmless, else 'at-most-once'.",
    );
  if (input.effect !== 'once') checkOneOf(owner, 'effect', input.effect, ['idempotent', 'at-most-once']);
  if (input.review === undefined)
    refuse(owner, "review is missing. Write 'always', 'never', or a policy such as { when: (args) => … }.");
  if (typeof input.review !== 'object') checkOneOf(owner, 'review', input.review, ['always', 'never']);
}

const warned = new Set<string>();

/** The effect under its present name. Warns once for each tool that still says `once`. */
function effectOf(owner: string, effect: ToolParts['effect']): Tool['effect'] {
  if (effect !== 'once') return effect ?? 'none';
  if (!warned.has(owner)) {
    warned.add(owner);
    process.emitWarning(
      `${owner}: effect: 'once' is now called 'at-most-once', and means the same. Write effect: 'at-most-once'; a later release refuses 'once'.`,
      { type: 'DeprecationWarning', code: 'HOLDPOINT_EFFECT_ONCE' },
    );
  }
  return 'at-most-once';
}

function checkAsking(owner: string, input: { effect?: unknown; review?: unknown; version?: unknown }): void {
  if (input.version !== undefined) refuse(owner, 'version needs execute. Add execute, or leave version out.');
  if (input.effect !== undefined) refuse(owner, 'effect needs execute. Add execute, or leave effect out.');
  if (input.review === 'never')
    refuse(owner, "without execute a tool is always reviewed. Add execute, or leave review: 'never' out.");
  if (typeof input.review !== 'object') checkOneOf(owner, 'review', input.review, ['always']);
  else if (input.review !== null && 'when' in input.review && input.review.when !== undefined)
    refuse(owner, 'without execute a tool is always reviewed. Add execute, or leave review.when out.');
}

function checkReview(owner: string, review: object): void {
  checkOptions(owner, 'review', review, reviewOptions);
  const policy = review as { [option: string]: unknown };
  for (const option of ['when', 'context', 'preview']) {
    if (policy[option] !== undefined && typeof policy[option] !== 'function')
      refuse(owner, `review.${option} must be a function of the arguments and the run, not ${shown(policy[option])}.`);
  }
  for (const option of ['summary', 'justification']) {
    if (policy[option] !== undefined && typeof policy[option] !== 'function')
      checkText(owner, `review.${option}`, policy[option]);
  }
  if (typeof policy['risk'] !== 'function') checkOneOf(owner, 'review.risk', policy['risk'], riskLevels);
  if (typeof policy['by'] !== 'function') checkReviewBy(owner, 'review.by', policy['by']);
  checkOneOf(owner, 'review.allowSelf', policy['allowSelf'], [true, false]);
  if (policy['presets'] !== undefined) checkPresets(owner, policy['presets']);
  checkOneOf(owner, 'review.onExpiry', policy['onExpiry'], ['tell-model', 'fail-run']);
  if (policy['expiresIn'] !== undefined)
    checkDuration(owner, 'review.expiresIn', policy['expiresIn'] as Duration, longestExpiry);
  else if (policy['onExpiry'] !== undefined)
    refuse(owner, 'review.onExpiry has no effect without review.expiresIn. Add expiresIn, or leave onExpiry out.');
}

/** The subject as a text is the name of a parameter. */
function checkSubject(owner: string, subject: unknown, schema: JsonObject): void {
  if (subject === undefined || typeof subject === 'function') return;
  const names = Object.keys((schema['properties'] ?? {}) as object);
  if (typeof subject !== 'string' || !names.includes(subject))
    refuse(
      owner,
      `review.subject must be a function or the name of a parameter (${names.join(', ')}), not ${shown(subject)}.`,
    );
}

function acceptedSchema(owner: string, { schema, problems }: StrictParameters): JsonObject {
  if (problems.length > 0) refuse(owner, problems.length === 1 ? `${problems[0]}.` : `\n  ${problems.join('\n  ')}`);
  if (Object.hasOwn(schema['properties'] as object, RESERVED_DETAILS_KEY))
    refuse(
      owner,
      `parameters.${RESERVED_DETAILS_KEY}: this name is reserved for what Holdpoint sends to the reviewer. Rename the parameter.`,
    );
  return deepFrozen(schema);
}
