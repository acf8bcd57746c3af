import { z } from 'zod';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';

const item = z.looseObject({ type: z.string() });

/** OpenAI's response object as far as Holdpoint reads it; compatible servers leave much of it out. */
const responseSchema = z.looseObject({
  id: z.string().nullish(),
  status: z.string().nullish(),
  output: z.array(item).nullish(),
  error: z
    .looseObject({
      code: z.unknown(),
      message: z.unknown(),
      steer: z.looseObject({ message: z.string().nullish() }).nullish(),
    })
    .partial()
    .nullish(),
  incomplete_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
  input_transformations: z.array(z.unknown()).nullish(),
});

/** An output or input item, as it is on the wire. */
export type Item = JsonObject & { type: string };

/** A field of an item that should be text; empty where it is not. */
export function textField(item: Item, field: string): string {
  const value = item[field];
  return typeof value === 'string' ? value : '';
}

export type ResponseObject = {
  id: string | null;
  /** `completed` where the server says nothing. */
  status: string;
  output: Item[];
  error: { code: string; message: string } | null;
  incompleteReason: string | null;
  inputTransformations: number;
};

/** Reads a response object. @throws ModelFailure `ModelUnavailable` for anything else that a server may answer with 200. */
export function readResponseObject(body: unknown): ResponseObject {
  const parsed = responseSchema.safeParse(body);
  if (!parsed.success || (parsed.data.output == null && parsed.data.status == null)) {
    throw new ModelFailure(
      'ModelUnavailable',
      'OpenAI answered 200 with something that is not a response object. Is OPENAI_BASE_URL the address of an OpenAI-compatible API?',
    );
  }
  const { id, status, output, error, incomplete_details, input_transformations } = parsed.data;
  return {
    id: id ?? null,
    status: status ?? 'completed',
    output: (output ?? []) as Item[],
    error: error
      ? {
          code: typeof error.code === 'string' ? error.code : '',
          message: [error.message, error.steer?.message].filter((text) => typeof text === 'string').join(' '),
        }
      : null,
    incompleteReason: incomplete_details?.reason ?? null,
    inputTransformations: input_transformations?.length ?? 0,
  };
}
