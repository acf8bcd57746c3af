import { z } from 'zod';
import type { Item } from '../item.ts';
import type { JsonObject } from '../json-value.ts';

/** A function tool as the request declares it, whichever surface it came from. */
export interface FunctionTool {
  readonly name: string;
  readonly parameters: JsonObject | null;
}

/** What a script may look at: the whole conversation so far and what the request asks for. */
export interface ScriptInput {
  readonly model: string;
  readonly items: readonly Item[];
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly parallelToolCalls: boolean;
  readonly maxOutputTokens: number | null;
  /** The JSON schema that the answer's text must follow, when the request asks for one. */
  readonly outputSchema: JsonObject | null;
}

const CallSchema = z.strictObject({
  /** The function's name. It need not be one of the request's tools. */
  name: z.string(),
  /** An object is written as JSON; a string is sent as it is, so it may be malformed. Default `{}`. */
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  /** Default: a new `call_…`. Give it to repeat an id or to have one without a prefix. */
  callId: z.string().optional(),
});

/** What the model says in one turn. `{}` is a completed answer with no output at all. */
export const ReplySchema = z.strictObject({
  /** A reasoning item with this summary (an empty text: no summary) before everything else. */
  reasoning: z.string().optional(),
  text: z.string().optional(),
  refusal: z.string().optional(),
  calls: z.array(CallSchema).optional(),
  /** Output items given as they are, ids filled in where missing: for item types without a word of their own here. */
  items: z.array(z.looseObject({ type: z.string() })).optional(),
  /** Ends the response as `incomplete` for this reason; the last call is cut in half, else the text. */
  incomplete: z.string().optional(),
  /** Completes only when the request allows this many output tokens, else ends as `incomplete` by `max_output_tokens`. */
  minOutputTokens: z.number().int().optional(),
  /** Ends the response as `failed` with this code and message, without output. */
  failed: z.strictObject({ code: z.string(), message: z.string().optional() }).catchall(z.unknown()).optional(),
  /** Answers 404 `model_not_found`. */
  modelRetired: z.boolean().optional(),
});
export type Reply = z.infer<typeof ReplySchema>;

/** A script written as data: one reply per turn of the model, for user texts that hold `when`. */
export const ScriptedStepsSchema = z.strictObject({
  name: z.string().optional(),
  /** Part of a user message, whatever its case. Default: every text. */
  when: z.string().optional(),
  /** Which message that is: the newest (default), or any of the conversation, so that what comes between changes nothing. */
  whenIn: z.enum(['newest', 'any']).default('newest'),
  /** When the steps have run out, the built-in scripts answer. */
  steps: z.array(ReplySchema).min(1),
  /**
   * `conversation` (default): the step is the number of turns since the newest user message, so a turn asked for again gets
   * the same reply. `request`: each matching request takes the next step.
   */
  progress: z.enum(['conversation', 'request']).default('conversation'),
});
export type ScriptedSteps = z.input<typeof ScriptedStepsSchema>;

/** A script written as code. It returns undefined to leave the turn to the next script. */
export interface ScriptFunction {
  readonly name: string;
  reply(input: ScriptInput): Reply | undefined;
}

/** What decides what the "model" says. */
export type Script = ScriptFunction | ScriptedSteps;
