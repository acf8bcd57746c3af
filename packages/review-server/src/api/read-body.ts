import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import { InexactJson, isExactNumber, type Json, parseExactJson, plainJson, refuseDuplicates } from '@holdpoint/json';

const mostLevels = 100;

/** A JSON body, parsed by the schema, and once more with the exact digits of every number. */
export type ReadBody<Parsed> = {
  parsed: Parsed;
  exact: Record<string, unknown>;
};

/**
 * Reads a JSON body of any content type. Refuses numbers that JavaScript would change, text that is not Unicode,
 * and names that stand twice.
 * `whenEmpty` replaces an empty body, on routes that allow one.
 *
 * @throws HTTPException 400 with a sentence for the caller.
 */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  whenEmpty?: Record<string, unknown>,
): Promise<ReadBody<z.output<Schema>>> {
  const text = textOf(await c.req.arrayBuffer());
  if (text === '' && whenEmpty !== undefined) return { parsed: check(schema, whenEmpty), exact: whenEmpty };
  const exact = parseBody(text);
  if (isDeeperThan(exact, mostLevels)) throw tooDeep();
  return { parsed: check(schema, plainBody(exact, text)), exact: exact as Record<string, unknown> };
}

/** Checks a value from outside. @throws HTTPException 400 that names each bad field. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = safeParse(schema, value);
  if (error === undefined) return data;
  throw new HTTPException(400, {
    message: error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  });
}

/** zod compares the "length" of a value of another type, which throws for some objects. */
function safeParse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.ZodSafeParseResult<z.output<Schema>> {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    throw new HTTPException(400, { message: 'body: a field has a value of the wrong type.', cause });
  }
}

function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HTTPException(400, { message: 'The body is not UTF-8.' });
  }
}

function parseBody(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw new HTTPException(400, {
      message: text === '' ? 'The body is empty. Send a JSON object.' : 'The body is not valid JSON.',
    });
  }
}

function plainBody(exact: unknown, text: string): Json {
  try {
    refuseDuplicates(text);
    return plainJson(exact);
  } catch (error) {
    if (!(error instanceof InexactJson)) throw error;
    throw new HTTPException(400, { message: `${error.path || 'body'}: ${error.message}.` });
  }
}

function tooDeep(): HTTPException {
  return new HTTPException(400, { message: `The body is nested deeper than ${mostLevels} levels.` });
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(part, levels - 1));
}
