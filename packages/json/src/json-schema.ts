import { Ajv, type ErrorObject, type KeywordDefinition } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import { stableJson } from './exact-json.ts';
import type { Json, JsonObject } from './json.ts';
import { laxSchema } from './lax-schema.ts';
import { linearPattern } from './linear-pattern.ts';
import { decimalOf } from './parse-json.ts';
import { inTime, TookTooLong } from './in-time.ts';

/** A violation of a schema. `path` joins keys with dots. '' is the whole value. */
export type Misfit = { path: string; message: string };

/** Ajv's own engine takes exponential time for some patterns, and refuses `\-`. */
const regExp = Object.assign((source: string) => linearPattern(source), { code: 'linearPattern' });

/** Looser than the standards, as the libraries are that make these schemas: zod, Pydantic. */
const laxFormats = {
  email: /^[^\s@]+@[^\s@]+$/u,
  'idn-email': /^[^\s@]+@[^\s@]+$/u,
  // The seconds and the offset may be missing.
  'date-time': /^\d{4}-\d{2}-\d{2}[t\s]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(z|[+-]\d{2}(:?\d{2})?)?$/i,
  time: /^\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(z|[+-]\d{2}(:?\d{2})?)?$/i,
  duration: /^[+-]?P[\d.,TYMWDHS]+$/i,
  uuid: /^(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'uri-reference': /^\S*$/u,
  'iri-reference': /^\S*$/u,
  uri: { validate: (text: string) => URL.canParse(text) },
};

/**
 * Exact, unlike a division of doubles: 19.99 is a multiple of 0.01. A large value that doubles can't tell from a
 * multiple is one, as it is for zod.
 */
function isMultipleOf(step: number, value: number): boolean {
  if (step <= 0 || !Number.isFinite(value)) return true;
  const ratio = value / step;
  if (Math.abs(ratio - Math.round(ratio)) < 4 * Number.EPSILON * Math.max(Math.abs(ratio), 1)) return true;
  const [one, other] = [scaled(value), scaled(step)];
  const exponent = Math.min(one.exponent, other.exponent);
  const whole = (part: Scaled) => part.digits * 10n ** BigInt(part.exponent - exponent);
  return whole(one) % whole(other) === 0n;
}

type Scaled = { digits: bigint; exponent: number };

function scaled(value: number): Scaled {
  const [, digits = '0', exponent = '0'] = /^(-?\d+)e([+-]?\d+)$/.exec(decimalOf(String(value))) ?? [];
  return { digits: BigInt(digits), exponent: Number(exponent) };
}

/** Keywords that Ajv checks in another way, too slowly, or with the value's own methods. */
const ownKeywords: Array<KeywordDefinition & { keyword: string }> = [
  {
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: isMultipleOf,
    error: { message: ({ schema: step }) => `must be multiple of ${step}` },
  },
  // Ajv compares every pair of objects: 20,000 of them would block the process for seconds.
  {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (mustDiffer: boolean, items: Json[]) => !mustDiffer || !hasDuplicates(items),
    error: { message: 'must NOT have duplicate items' },
  },
  // JavaScript's length, which counts a character beyond U+FFFF as two. Other libraries count less, and so refuse more.
  {
    keyword: 'minLength',
    type: 'string',
    schemaType: 'number',
    validate: (least: number, text: string) => text.length >= least,
    error: { message: ({ schema: least }) => `must NOT have fewer than ${least} characters` },
  },
  // Both compare JSON text. Ajv's own comparison calls a "toString" or "valueOf" that it finds in the value.
  {
    keyword: 'enum',
    schemaType: 'array',
    compile: (allowed: unknown[]) => {
      const texts = new Set(allowed.map(stableJson));
      return (value: unknown) => texts.has(stableJson(value));
    },
    error: { message: 'must be equal to one of the allowed values' },
  },
  {
    keyword: 'const',
    compile: (constant: unknown) => {
      const text = stableJson(constant);
      return (value: unknown) => stableJson(value) === text;
    },
    error: { message: 'must be equal to constant' },
  },
];

/**
 * Makes a checker of a JSON schema: draft 2020-12, or draft 7 if its `$schema` says so. It returns the first misfit, or
 * undefined. It leaves the value as it is and ignores unknown formats and keywords. A check that takes too long is a
 * misfit.
 * @throws Error when the schema is invalid; the message says where.
 */
export function jsonSchemaChecker(schema: JsonObject): (value: Json) => Misfit | undefined {
  const { $schema: dialect } = schema;
  const Dialect = typeof dialect === 'string' && dialect.includes('draft-07') ? Ajv : Ajv2020;
  const ajv = new Dialect({ strict: false, logger: false, validateFormats: true, code: { regExp } });
  addFormats.default(ajv);
  for (const [name, format] of Object.entries(laxFormats)) ajv.addFormat(name, format);
  for (const own of ownKeywords) {
    ajv.removeKeyword(own.keyword);
    ajv.addKeyword(own);
  }
  // A copy: Ajv keeps the schema under its $id, and the caller may change the object.
  const validate = inTime(() => ajv.compile(laxSchema(structuredClone(schema)) as JsonObject));
  // Ajv's own keyword makes the check return a promise, which would look like a fit.
  if ('$async' in validate) throw new Error('$async is no keyword of JSON schema');
  return (value) => {
    try {
      return inTime(() => validate(value)) ? undefined : misfit(validate.errors?.[0]);
    } catch (error) {
      if (error instanceof TookTooLong)
        return { path: '', message: 'checking this takes too long: simplify the schema' };
      if (error instanceof RangeError)
        return { path: '', message: 'checking this has no end: the schema refers to itself' };
      throw error;
    }
  };
}

/** True if two items are the same JSON. It takes linear time. */
function hasDuplicates(items: readonly Json[]): boolean {
  const seen = new Set<string>();
  return items.some((item) => seen.size === seen.add(stableJson(item)).size);
}

/** A tool's parameters from the JSON schema of an object. @throws Error when the schema is invalid. */
export function jsonSchemaParameters(schema: JsonObject): z.ZodType {
  const check = jsonSchemaChecker(schema);
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    const misfit = check(value as JsonObject);
    if (misfit)
      context.addIssue({
        code: 'custom',
        path: misfit.path === '' ? [] : misfit.path.split('.'),
        message: misfit.message,
      });
  });
}

function misfit(error: ErrorObject | undefined): Misfit {
  const steps = (error?.instancePath ?? '')
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { missingProperty, additionalProperty } = (error?.params ?? {}) as {
    missingProperty?: string;
    additionalProperty?: string;
  };
  if (missingProperty !== undefined) return { path: [...steps, missingProperty].join('.'), message: 'is missing' };
  if (additionalProperty !== undefined)
    return { path: [...steps, additionalProperty].join('.'), message: 'is not known' };
  return { path: steps.join('.'), message: error?.message ?? 'does not fit the schema' };
}
