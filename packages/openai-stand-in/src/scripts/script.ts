import { z } from 'zod';
import type { Item } from '../item.ts';
import type { JsonObject } from '../json-value.ts';

/** A function tool of the request, in the same form for all APIs. */
export type FunctionTool = {
  readonly name: string;
  readonly parameters: JsonObject | null;
};

/** The input of a script: the conversation so far and the request's options. */
export type ScriptInput = {
  readonly model: string;
  readonly items: readonly Item[];
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly parallelToolCalls: boolean;
  readonly maxOutputTokens: number | null;
  /** The JSON schema for the answer's text. Null if the request has none. */
  readonly outputSchema: JsonObject | null;
  /** The request's `metadata`. Empty if it has none. */
  readonly metadata: Readonly<Record<string, string>>;
};

const callSchema = z.strictObject({
  /** The function's name. May be one that the request does not offer. */
  name: z.string(),
  /** An object is written as JSON. A string is sent unchanged, so it may be malformed. @default {} */
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  /** Set it to repeat an id, or for one without a prefix. @default a new `call_…` */
  callId: z.string().optional(),
});

/** The model's reply in one turn. `{}` is a completed answer without output. */
export const replySchema = z.strictObject({
  /** Begins with a reasoning item with this summary. '' gives one without a summary. */
  reasoning: z.string().optional(),
  text: z.string().optional(),
  refusal: z.string().optional(),
  calls: z.array(callSchema).optional(),
  /** Output items of other types, sent unchanged. Missing ids are added. */
  items: z.array(z.looseObject({ type: z.string() })).optional(),
  /** Ends the response as `incomplete` for this reason. Cuts the last call in half, or the text if there is none. */
  incomplete: z.string().optional(),
  /** Output tokens that the reply needs. With a lower limit it ends as `incomplete` (`max_output_tokens`). */
  minOutputTokens: z.number().int().optional(),
  /** Ends the response as `failed` with this code and message, without output. */
  failed: z.strictObject({ code: z.string(), message: z.string().optional() }).catchall(z.unknown()).optional(),
  /** Answers 404 `model_not_found`. */
  modelRetired: z.boolean().optional(),
});
export type Reply = z.infer<typeof replySchema>;

/** A script as data: one reply per model turn, for user messages that contain `when`. */
export const scriptedStepsSchema = z.strictObject({
  name: z.string().optional(),
  /** Part of a user message. Ignores case. @default every message */
  when: z.string().optional(),
  /** The message to search: the newest, or any of the conversation. @default 'newest' */
  whenIn: z.enum(['newest', 'any']).default('newest'),
  /** After the last step the built-in scripts answer. */
  steps: z.array(replySchema).min(1),
  /**
   * `conversation`: the step is the number of turns since the newest user message, so a repeated turn gets the same
   * reply. `request`: each matching request takes the next step.
   * @default 'conversation'
   */
  progress: z.enum(['conversation', 'request']).default('conversation'),
});
export type ScriptedSteps = z.input<typeof scriptedStepsSchema>;

/** A script as code. It returns undefined to pass the turn to the next script. */
export type ScriptFunction = {
  readonly name: string;
  reply(input: ScriptInput): Reply | undefined;
};

/** Decides the model's replies. */
export type Script = ScriptFunction | ScriptedSteps;
