import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import { parseExactJson } from '@holdpoint/json';

const MOST_LEVELS = 100;

/** A JSON body as the schema reads it, and once more with every number as it was written. */
export interface ReadBody<Parsed> {
  parsed: Parsed;
  exact: Record<string, unknown>;
}

/**
 * Reads a JSON body, whatever its content type says. `whenEmpty` stands for a body that was left out, where that is allowed.
 *
 * @throws HTTPException 400 with a text for the caller.
 */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  whenEmpty?: Record<string, unknown>,
): Promise<ReadBody<z.output<Schema>>> {
  const text = await c.req.text();
  if (text === '' && whenEmpty !== undefined) return { parsed: check(schema, whenEmpty), exact: whenEmpty };
  const body = parseJson(text);
  if (isDeeperThan(body, MOST_LEVELS))
    throw new HTTPException(400, { message: `The body is nested deeper than ${MOST_LEVELS} levels.` });
  return { parsed: check(schema, body), exact: parseExactJson(text) as Record<string, unknown> };
}

/**
 * Checks any outside value.
 *
 * @throws HTTPException 400 that names each bad field.
 */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  throw new HTTPException(400, {
    message: error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HTTPException(400, {
      message: text === '' ? 'The body is empty. Send a JSON object.' : 'The body is not valid JSON.',
    });
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(part, levels - 1));
}
