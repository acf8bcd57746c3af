import { z } from 'zod';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { TokenUsage } from '../../../domain/run-record.ts';
import { readUsage } from '../read-usage.ts';

/** Some servers leave out the type of an item. It is derived from the other fields. */
const item = z.preprocess(
  (value) => {
    if (typeof value !== 'object' || value === null || 'type' in value) return value;
    if ('arguments' in value) return { ...value, type: 'function_call' };
    return 'content' in value ? { ...value, type: 'message' } : value;
  },
  z.looseObject({ type: z.string() }),
);

/** The fields that Holdpoint reads of a response object. Compatible servers leave many of them out. */
const responseSchema = z.looseObject({
  id: z.string().nullish(),
  status: z.string().nullish(),
  output: z.array(item).nullish(),
  output_text: z.string().nullish().catch(null),
  previous_response_id: z.string().nullish().catch(null),
  conversation: z
    .union([z.string(), z.looseObject({ id: z.string() })])
    .nullish()
    .catch(undefined),
  usage: z
    .looseObject({
      output_tokens: z.number(),
      completion_tokens: z.number(),
      output_tokens_details: z.looseObject({ reasoning_tokens: z.number().nullish() }).nullish(),
    })
    .partial()
    .nullish()
    .catch(null),
  model: z.string().nullish().catch(null),
  error: z
    .looseObject({
      code: z.unknown(),
      message: z.unknown(),
      param: z.unknown(),
      steer: z.looseObject({ message: z.string().nullish() }).nullish(),
    })
    .partial()
    .nullish(),
  incomplete_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
  input_transformations: z.array(z.unknown()).nullish(),
});

/** An output or input item in its wire form. */
export type Item = JsonObject & { type: string };

/** A text field of an item. '' if the field is missing or not a string. */
export function textField(item: Item, field: string): string {
  const value = item[field];
  return typeof value === 'string' ? value : '';
}

export type ResponseObject = {
  id: string | null;
  /** `completed` if the server sends none. */
  status: string;
  output: Item[];
  error: { code: string; message: string; param?: string; raw?: unknown } | null;
  incompleteReason: string | null;
  inputTransformations: number;
  /** The response that this one continues, according to the server. Null if it names none. */
  previousResponseId: string | null;
  /** The conversation at OpenAI that contains it. Undefined if the server leaves the field out. */
  conversationId?: string | null;
  /** True if the server counts output tokens beside reasoning, or sends no `output`. */
  owesOutput: boolean;
  /** The model as the server names it. Null if it names none. */
  model: string | null;
  /** Null if the server reports no tokens. */
  usage: TokenUsage | null;
};

type Reading = {
  /** The output assembled from earlier stream events. Undefined without a stream. */
  streamed?: { output: Item[]; id: string | null; previousResponseId: string | null };
  /** The status according to the event's name. */
  status?: string;
};

/** Reads a response object. @throws ModelFailure `ModelUnavailable` for any other body with status 200. */
export function readResponseObject(body: unknown, { streamed, status: named }: Reading = {}): ResponseObject {
  const parsed = responseSchema.safeParse(streamed ? (body ?? {}) : body);
  if (!parsed.success || (!streamed && parsed.data.output == null && parsed.data.status == null)) {
    throw new ModelFailure(
      'ModelUnavailable',
      'OpenAI answered 200 with something that is not a response object. Is OPENAI_BASE_URL the address of an OpenAI-compatible API?',
    );
  }
  const { id, status, output, error, usage, incomplete_details, input_transformations, output_text, conversation } =
    parsed.data;
  const items = (output ?? []) as Item[];
  const spent = usage?.output_tokens ?? usage?.completion_tokens ?? 0;
  return {
    id: id ?? streamed?.id ?? null,
    status: status ?? named ?? 'completed',
    output: items.length === 0 && output_text ? [{ type: 'message', role: 'assistant', content: output_text }] : items,
    error: error
      ? {
          code: typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : '',
          message: [error.message, error.steer?.message].filter((text) => typeof text === 'string').join(' '),
          ...(typeof error.param === 'string' && { param: error.param }),
          raw: error,
        }
      : null,
    incompleteReason: incomplete_details?.reason ?? null,
    inputTransformations: input_transformations?.length ?? 0,
    previousResponseId: parsed.data.previous_response_id ?? streamed?.previousResponseId ?? null,
    ...(conversation !== undefined && {
      conversationId: typeof conversation === 'string' ? conversation : (conversation?.id ?? null),
    }),
    model: parsed.data.model ?? null,
    usage: readUsage((body as { usage?: unknown } | null | undefined)?.usage),
    owesOutput: output == null || spent > (usage?.output_tokens_details?.reasoning_tokens ?? 0),
  };
}
