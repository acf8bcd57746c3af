import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { strictParameters, strictSchema } from '../../src/assistant/strict-parameters.ts';
import type { ObjectSchema } from '../../src/assistant/zod-json-schema.ts';

const property = (schema: z.ZodType) => strictParameters(z.object({ it: schema }));
const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});

describe('strict mode: supported schema', () => {
  it.each<[string, z.ZodType, object]>([
    ['text', z.string(), { type: 'string' }],
    ['a text with a length', z.string().min(1).max(9), { type: 'string', minLength: 1, maxLength: 9 }],
    ['a pattern', z.string().regex(/^a+$/), { type: 'string', pattern: '^a+$' }],
    ['a known format without its pattern', z.iso.datetime(), { type: 'string', format: 'date-time' }],
    ['e-mail', z.email(), { type: 'string', format: 'email' }],
    ['uuid', z.uuid(), { type: 'string', format: 'uuid' }],
    ['whole numbers', z.int().min(1).max(9), { type: 'integer', minimum: 1, maximum: 9 }],
    ['null', z.string().nullable(), { type: ['string', 'null'] }],
    ['enum', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    ['constants', z.literal('x'), { type: 'string', const: 'x' }],
    [
      'lists',
      z.array(z.boolean()).min(1).max(3),
      { type: 'array', items: { type: 'boolean' }, minItems: 1, maxItems: 3 },
    ],
    [
      'a union inside',
      z.union([z.string(), z.object({ a: z.number() })]),
      {
        anyOf: [
          { type: 'string' },
          { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false },
        ],
      },
    ],
    ['coercion', z.coerce.number(), { type: 'number' }],
    ['a refinement, which zod checks', z.string().refine((value) => value !== ''), { type: 'string' }],
    ['a description', z.string().describe('In euros'), { type: 'string', description: 'In euros' }],
    ['readonly', z.string().readonly(), { type: 'string' }],
    [
      'a format that it lacks, in words',
      z.url().describe('Where to.'),
      { type: 'string', description: 'Where to. Format: uri.' },
    ],
    [
      'a pattern with flags, in words',
      z
        .string()
        .regex(/^[a-z]+$/i)
        .describe('A word.'),
      { type: 'string', description: 'A word. Must match the regular expression /^[a-z]+$/i' },
    ],
    [
      'a pattern with lookahead, in words',
      z.string().regex(/^(?!x)/),
      { type: 'string', description: 'Must match the regular expression ^(?!x)' },
    ],
  ])('%s', (_name, schema, expected) => {
    expect(property(schema)).toEqual({
      schema: { type: 'object', properties: { it: expected }, required: ['it'], additionalProperties: false },
      problems: [],
    });
  });

  it('a discriminated union, as anyOf', () => {
    const { schema, problems } = property(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a') }),
        z.object({ kind: z.literal('b'), n: z.number() }),
      ]),
    );
    expect(problems).toEqual([]);
    expect(schema).toMatchObject({
      properties: { it: { anyOf: [{ additionalProperties: false }, { required: ['kind', 'n'] }] } },
    });
    expect(JSON.stringify(schema)).not.toContain('oneOf');
  });
  it('recursion at the root and below it', () => {
    expect(strictParameters(Tree)).toMatchObject({
      problems: [],
      schema: { properties: { children: { items: { $ref: '#' } } } },
    });
    const below = property(Tree);
    expect(below.problems).toEqual([]);
    expect(Object.values(below.schema['$defs'] as object)).toMatchObject([
      { additionalProperties: false, required: ['name', 'children'] },
    ]);
  });
  it('an object without properties', () => {
    expect(strictParameters(z.object({})).schema).toEqual({
      type: 'object',
      properties: {},
      required: [],
      additionalProperties: false,
    });
  });
  it('schemas of zod/mini', () => {
    expect(strictParameters(mini.object({ a: mini.nullable(mini.string()) })).schema).toMatchObject({
      required: ['a'],
      additionalProperties: false,
    });
  });
});

describe('strict mode: unsupported schema', () => {
  it.each<[string, ObjectSchema, string]>([
    [
      'optional',
      z.object({ recipients: z.array(z.object({ name: z.string().optional() })) }),
      "parameters.recipients[].name: optional properties can't be expressed in strict mode; use .nullable()",
    ],
    ['nullish', z.object({ a: z.string().nullish() }), 'parameters.a: optional properties'],
    ['default', z.object({ a: z.string().default('x') }), 'parameters.a: default values'],
    ['prefault', z.object({ a: z.string().prefault('x') }), 'parameters.a: default values'],
    ['catch', z.object({ a: z.string().catch('x') }), 'parameters.a: default values'],
    ['record', z.object({ a: z.record(z.string(), z.number()) }), 'parameters.a: objects with free keys'],
    [
      'record of fixed keys',
      z.object({ a: z.record(z.enum(['x', 'y']), z.number()) }),
      'parameters.a: objects with free keys',
    ],
    ['loose object', z.object({ a: z.looseObject({ b: z.string() }) }), 'parameters.a: objects with free keys'],
    ['loose root', z.looseObject({ b: z.string() }), 'parameters: objects with free keys'],
    ['catchall', z.object({ a: z.string() }).catchall(z.string()), 'parameters: objects with free keys'],
    ['tuple', z.object({ a: z.tuple([z.string(), z.number()]) }), 'parameters.a: tuples'],
    [
      'intersection',
      z.object({ a: z.intersection(z.string().min(1), z.string().max(3)) }),
      'parameters.a: intersections',
    ],
    ['any', z.object({ a: z.any() }), 'parameters.a: z.any() and z.unknown()'],
    ['unknown in a list', z.object({ a: z.array(z.unknown()) }), 'parameters.a[]: z.any() and z.unknown()'],
    ['never', z.object({ a: z.never() }), 'parameters.a: z.never()'],
    ['date', z.object({ a: z.date() }), 'parameters.a: JSON has no dates; use z.iso.datetime()'],
    [
      'coerced date',
      z.object({ a: z.array(z.object({ when: z.coerce.date() })) }),
      'parameters.a[].when: JSON has no dates',
    ],
    ['date in a union', z.object({ a: z.union([z.string(), z.date()]) }), 'parameters.a: JSON has no dates'],
    ['bigint', z.object({ a: z.bigint() }), 'parameters.a: JSON has no bigint'],
    ['bigint literal', z.object({ a: z.literal([1n]) }), 'parameters.a: JSON has no bigint'],
    ['map', z.object({ a: z.map(z.string(), z.string()) }), 'parameters.a: JSON has no maps'],
    ['set', z.object({ a: z.set(z.string()) }), 'parameters.a: JSON has no sets'],
    ['custom', z.object({ a: z.instanceof(URL) }), 'parameters.a: z.custom() and z.instanceof()'],
    [
      'bare transform',
      z.object({ a: z.transform((value) => value) }),
      'parameters.a: a transform or pipe would run other arguments',
    ],
    [
      'transform',
      z.object({ a: z.string().transform((value) => value.length) }),
      'parameters.a: a transform or pipe would run other arguments',
    ],
    [
      'pipe',
      z.object({ a: z.string().pipe(z.coerce.number()) }),
      'parameters.a: a transform or pipe would run other arguments',
    ],
    [
      'below recursion',
      z.object({
        tree: z.object({
          get next() {
            return z.union([z.null(), z.object({ a: z.string().optional() })]);
          },
        }),
      }),
      'parameters.tree.next.a: optional',
    ],
    ['too deep', z.object({ a: nested(10) }), 'objects are nested 11 deep, and OpenAI takes 10'],
    [
      'too many properties',
      z.object(Object.fromEntries(Array.from({ length: 5001 }, (_, index) => [`p${index}`, z.string()]))),
      'there are 5001 properties',
    ],
    [
      'too many enum values',
      z.object({ a: z.enum(Array.from({ length: 1001 }, (_, index) => `v${index}`)) }),
      'there are 1001 enum values',
    ],
    [
      'an enum too long',
      z.object({ a: z.enum(Array.from({ length: 251 }, (_, index) => `${index}`.padStart(60, 'x'))) }),
      'an enum of more than 250 values has 15060 characters',
    ],
    [
      'names too long',
      z.object(
        Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}`.padStart(601, 'x'), z.string()])),
      ),
      'names and enum values have 120200 characters',
    ],
  ])('%s', (_name, schema, problem) => {
    expect(strictParameters(schema).problems.join('\n')).toContain(problem);
  });

  it('several problems → all reported', () => {
    expect(strictParameters(z.object({ a: z.any(), b: z.date() })).problems).toHaveLength(2);
  });
});

function nested(levels: number): z.ZodType {
  return levels === 0 ? z.string() : z.object({ in: nested(levels - 1) });
}

it.each(['enum', 'required', 'anyOf', 'oneOf'])('JSON schema with %s: 5 → a problem that names it', (keyword) =>
  expect(
    strictSchema({ type: 'object', properties: { a: { type: 'string', [keyword]: 5 } }, required: ['a'] }).problems,
  ).toEqual([`parameters.a: "${keyword}" must be a list`]),
);
