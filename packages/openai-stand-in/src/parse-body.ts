import type { Context } from 'hono';
import type { z } from 'zod';
import { badRequest, type OpenAIError } from './openai-error.ts';

type Issue = z.core.$ZodIssue;

/** A path in OpenAI's form of `param`: `input[0].call_id`. */
function toParam(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}

function invalidValue(param: string, value: unknown, values: readonly unknown[]): OpenAIError {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return badRequest(`Invalid value: '${shown}'. Supported values are: ${supported(values)}.`, param, 'invalid_value');
}

const expectedTypes: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a decimal',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    body,
  );
}

function supported(values: readonly unknown[]): string {
  const quoted = values.map((value) => `'${String(value)}'`);
  return quoted.length < 2
    ? quoted.join('')
    : `${quoted.slice(0, -1).join(', ')}${quoted.length > 2 ? ',' : ''} and ${quoted.at(-1)}`;
}

function tooLong(issue: Issue & { code: 'too_big' | 'too_small' }, param: string, value: unknown): OpenAIError {
  const big = issue.code === 'too_big';
  const limit = String(issue.code === 'too_big' ? issue.maximum : issue.minimum);
  const bound = big ? 'maximum' : 'minimum';
  if (issue.origin === 'string') {
    const length = (value as string).length;
    if (length === 0)
      return badRequest(
        `Invalid '${param}': empty string. Expected a string with minimum length ${limit}, but got an empty string instead.`,
        param,
        'empty_string',
      );
    return badRequest(
      `Invalid '${param}': string too ${big ? 'long' : 'short'}. Expected a string with ${bound} length ${limit}, but got a string with length ${length} instead.`,
      param,
      `string_${big ? 'above_max' : 'below_min'}_length`,
    );
  }
  if (issue.origin === 'array') {
    return badRequest(
      `Invalid '${param}': array too ${big ? 'long' : 'short'}. Expected an array with ${bound} length ${limit}, but got an array with length ${(value as unknown[]).length} instead.`,
      param,
      `array_${big ? 'above_max' : 'below_min'}_length`,
    );
  }
  const kind = Number.isInteger(value) ? 'integer' : 'decimal';
  return badRequest(
    `Invalid '${param}': ${kind} ${big ? 'above maximum' : 'below minimum'} value. Expected a value ${big ? '<=' : '>='} ${limit}, but got ${String(value)} instead.`,
    param,
    `${kind}_${big ? 'above_max' : 'below_min'}_value`,
  );
}

function invalidType(param: string, expected: string, value: unknown): OpenAIError {
  if (value === undefined)
    return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  return badRequest(
    `Invalid type for '${param}': expected ${expected}, but got ${nameOfType(value)} instead.`,
    param,
    'invalid_type',
  );
}

function ofUnion(issue: Issue & { code: 'invalid_union' }, body: unknown, base: readonly PropertyKey[]): OpenAIError {
  const path = [...base, ...issue.path];
  const param = toParam(path);
  const value = valueAt(body, path);
  if (issue.discriminator !== undefined) {
    const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
    if (value === undefined)
      return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
    return invalidValue(param, value, options);
  }
  // The alternative that parsed furthest has the error. If none parsed a part of the value, its type is wrong.
  const inside = issue.errors.find((issues) =>
    issues.some((inner) => inner.path.length > 0 || inner.code === 'too_big' || inner.code === 'unrecognized_keys'),
  );
  const first =
    inside?.[0] ??
    (typeof value === 'string' ? issue.errors.flat().find((inner) => inner.code === 'invalid_value') : undefined);
  if (first !== undefined) return toError(first, body, path);
  const expected = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === 'invalid_type' ? [expectedTypes[inner.expected] ?? inner.expected] : []));
  return invalidType(param, `one of ${[...new Set(expected)].join(' or ')}`, value);
}

function ofRefinement(issue: Issue & { code: 'custom' }, param: string, value: unknown): OpenAIError {
  const { prefix, atMostProperties } = issue.params ?? {};
  if (typeof prefix === 'string')
    return badRequest(
      `Invalid '${param}': '${String(value)}'. Expected an ID that begins with '${prefix}'.`,
      param,
      'invalid_value',
    );
  const count = Object.keys(value as object).length;
  return badRequest(
    `Invalid '${param}': too many properties. Expected an object with at most ${String(atMostProperties)} properties, but got an object with ${count} properties instead.`,
    param,
    'object_above_max_properties',
  );
}

function toError(issue: Issue, body: unknown, base: readonly PropertyKey[] = []): OpenAIError {
  const path = [...base, ...issue.path];
  const param = toParam(path);
  const value = valueAt(body, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const unknown = toParam([...path, issue.keys[0] ?? '']);
      return badRequest(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
    }
    case 'invalid_type':
      return invalidType(param, expectedTypes[issue.expected] ?? issue.expected, value);
    case 'invalid_value':
      return value === undefined ? invalidType(param, '', value) : invalidValue(param, value, issue.values);
    case 'too_big':
    case 'too_small':
      return tooLong(issue, param, value);
    case 'invalid_union':
      return ofUnion(issue, body, base);
    case 'invalid_format':
      return badRequest(
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${(issue.pattern ?? '').replace(/^\/|\/$/g, '')}'.`,
        param,
        'invalid_value',
      );
    case 'custom':
      return ofRefinement(issue, param, value);
    case 'invalid_key':
      return badRequest(
        `Invalid '${param}': a key is too long. Expected keys with maximum length 64.`,
        param,
        'string_above_max_length',
      );
    case 'not_multiple_of':
    case 'invalid_element':
    default:
      return badRequest(issue.message, param, 'invalid_value');
  }
}

/** Checks a value against a schema. @throws OpenAIError 400 for the first problem. */
export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue === undefined ? badRequest(parsed.error.message) : toError(issue, value);
}

/** Reads a request's JSON body and checks it. An empty body counts as `{}`. @throws OpenAIError 400. */
export async function parseBody<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.infer<Schema>> {
  const text = await context.req.text();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw badRequest(
      'We could not parse the JSON body of your request. Check that it is valid JSON and that the Content-Type header is application/json.',
    );
  }
  return parseWith(schema, value);
}
