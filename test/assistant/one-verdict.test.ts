import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '@holdpoint/json';
import { readEdit } from '../../packages/review-server/inbox/decide/read-edit.ts';
import { completeEdit } from '../../packages/review-server/src/store/complete-edit.ts';
import { checkArguments } from '../../src/activities/arguments.ts';
import { approvalTool } from '../../src/activities/standalone-approval.ts';
import { defineTool, type Tool } from '../../src/index.ts';

const unicodeEmail = z.email({ pattern: z.regexes.unicodeEmail });

/** A schema, and values that it accepts. The first one is the value of the request. */
const zodSchemas: Array<[string, z.ZodType, Json[]]> = [
  ['pattern with i', z.string().regex(/^[a-z]{2}-\d+$/i), ['ab-1', 'AB-12', 'aB-3']],
  ['pattern with m', z.string().regex(/^b$/m), ['b', 'a\nb']],
  ['pattern with s', z.string().regex(/^a.b$/s), ['axb', 'a\nb']],
  ['described pattern with i', z.string().regex(/^x$/i).describe('An x'), ['x', 'X']],
  ['pattern with g and y', z.string().regex(/b/gy), ['b', 'bc']],
  ['letters of all scripts', z.string().regex(/^\p{L}+$/u), ['a', 'Zoë', 'Ελ', '𝒜']],
  ['script', z.string().regex(/^\p{Script=Greek}+$/u), ['αβ', 'Ω']],
  ['pictographs', z.emoji(), ['🎉', '👩‍👩‍👧', '❤️']],
  ['white space', z.string().regex(/^\S+\s[^\s]+$/), ['a b', 'a\u00a0b', 'a\u3000b', 'a\ufeffb']],
  ['no white space excluded', z.string().regex(/^[^\S\n]+$/), [' ', '\u2003']],
  ['units without u', z.string().regex(/^.{2}$/), ['ab', '🎉']],
  ['look-ahead', z.string().regex(/^(?!x)\w+$/), ['a', 'b']],
  ['look-behind', z.string().regex(/(?<!x)y$/), ['y', 'ay']],
  ['back-reference', z.string().regex(/^(a|b)\1$/), ['aa', 'bb']],
  ['escaped hyphen', z.string().regex(new RegExp(String.raw`^\d{3}\-\d{4}$`)), ['555-1234', '555-4321']],
  ['identity escapes', z.string().regex(new RegExp(String.raw`^\a\z\Q$`)), ['azQ', 'azQ']],
  ['POSIX lookalike', z.string().regex(/^[[:a]x$/), ['[x', 'ax', ':x']],
  ['mail', z.string().email(), ['a@b.example', 'o.k+1@b.example']],
  ['Unicode mail', unicodeEmail, ['a@b.example', 'jörg@münchen.example']],
  ['HTML mail', z.email({ pattern: z.regexes.html5Email }), ['a@b.example', 'a@b']],
  ['GUID', z.guid(), ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-9000-F000-00000000000F']],
  ['UUID', z.uuid(), ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-0000-0000-000000000000']],
  ['address', z.url(), ['https://a.example', 'mailto:a@b.example', 'https://münchen.example/ü?a=b c']],
  ['date', z.iso.date(), ['2026-01-31', '2024-02-29']],
  ['local date and time', z.iso.datetime({ local: true, offset: true }), ['2026-01-01T00:00:00Z', '2026-01-01T00:00']],
  ['time', z.iso.time(), ['10:00:00', '10:00', '10:00:00.123']],
  ['duration', z.iso.duration(), ['P1D', 'PT1.5S', 'P3W']],
  ['host', z.hostname(), ['a.example', 'a.example.', 'localhost']],
  ['network', z.cidrv4(), ['10.0.0.0/8', '0.0.0.0/0']],
  ['IPv6', z.ipv6(), ['::1', '2001:db8::1']],
  ['base64', z.base64(), ['YQ==', '']],
  ['ULID', z.ulid(), ['01ARZ3NDEKTSV4RRFFQ69G5FAV', '01arz3ndektsv4rrffq69g5fav']],
  ['prefix and suffix', z.string().startsWith('a-'), ['a-x', 'a-\n']],
  ['cents', z.number().multipleOf(0.01), [20.5, 19.99, 1.1, 4.35, 1e13]],
  ['small steps', z.number().multipleOf(0.07), [2.03, 0.07]],
  ['whole number', z.int(), [1, Number.MAX_SAFE_INTEGER]],
  ['number', z.number(), [1, 1e21, -5e-324]],
  ['coerced number', z.coerce.number(), [1, 2.5]],
  ['coerced text', z.coerce.string(), ['a', '']],
  ['null', z.literal(null), [null]],
  ['null or text', z.literal(['a', null]), ['a', null]],
  ['nullable constant', z.literal('x').nullable(), ['x', null]],
  ['nullable enum', z.enum(['a', 'b']).nullable(), ['a', null]],
  ['nullable date', z.iso.date().nullable(), ['2026-01-31', null]],
  ['nullable pattern with i', z.string().regex(/^x$/i).nullable(), ['x', 'X', null]],
  ['nullable object', z.object({ a: z.string() }).nullable(), [{ a: 'x' }, null]],
  ['union', z.union([z.string().regex(/^a/), z.string().regex(/^b/i), z.number()]), ['a', 'B', 3]],
  ['list of patterns', z.array(z.string().regex(/^x$/i)).min(1), [['x'], ['X', 'x']]],
  [
    'discriminated union',
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), v: z.string().regex(/^v$/i) }),
      z.object({ kind: z.literal('b'), n: z.number() }),
    ]),
    [
      { kind: 'a', v: 'v' },
      { kind: 'a', v: 'V' },
      { kind: 'b', n: 1 },
    ],
  ],
];

/** JSON schemas of other programs. */
const jsonSchemas: Array<[string, JsonObject, Json[]]> = [
  ['relative address', { type: 'string', format: 'uri-reference' }, ['x', '../a?b=ü', '']],
  ['integer above 2^53', { type: 'integer' }, [1, 1e18]],
  ['object as const', { const: { a: [1, null] } }, [{ a: [1, null] }]],
  ['enum of objects', { enum: [{ a: 1 }, null] }, [{ a: 1 }, null]],
  ['nullable', { type: 'string', nullable: true }, ['a', null]],
  ['nullable enum', { enum: ['a'], nullable: true }, ['a', null]],
  [
    'nullable reference',
    { anyOf: [{ $ref: '#/properties/it/$defs/a', nullable: true }], $defs: { a: { type: 'string' } } },
    ['a', null],
  ],
  ['one of required', { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] }, [{ a: 1 }, { b: 1 }]],
  ['one of patterns', { oneOf: [{ type: 'string', pattern: '^(?=b)' }, { type: 'number' }] }, [1, 'b']],
  [
    'condition',
    JSON.parse('{"if":{"pattern":"^(?!a)"},"then":{"maxLength":1},"else":{"type":"string"}}') as JsonObject,
    ['b', 'c'],
  ],
  ['exclusion', { not: { type: 'string', pattern: '^x+$' } }, ['a', 1]],
  ['named by patterns', { type: 'object', patternProperties: { '^x_': { type: 'number' } } }, [{ x_a: 1 }, { b: 'c' }]],
];

const itTool = (it: z.ZodType): Tool =>
  defineTool({ name: 'tool', description: 'A tool.', parameters: z.object({ it, n: z.number() }) });
const itApproval = (it: JsonObject): Tool =>
  approvalTool({
    assistant: 'a',
    action: 'act',
    summary: 's',
    details: {},
    argumentsSchema: { type: 'object', properties: { it, n: { type: 'number' } }, required: ['it', 'n'] },
  } as unknown as Parameters<typeof approvalTool>[0]);

const tools: Array<[string, Tool, Json[]]> = [
  ...zodSchemas.map(([name, schema, values]): [string, Tool, Json[]] => [`zod: ${name}`, itTool(schema), values]),
  ...jsonSchemas.map(([name, schema, values]): [string, Tool, Json[]] => [
    `JSON schema: ${name}`,
    itApproval(schema),
    values,
  ]),
];

it.each(tools)('%s → the server and the page take each value that the worker takes', async (_name, tool, values) => {
  const argumentsSchema = tool.parametersSchema;
  const details = { it: values[0] as Json, n: 0 };
  for (const value of values) {
    const edit = { it: value, n: 1 };
    expect(await checkArguments(tool, edit)).toEqual({ ok: true, args: edit });
    expect(completeEdit({ details, argumentsSchema }, edit)).toEqual({ modifiedDetails: edit });
    expect(readEdit({ argumentsSchema }, details, JSON.stringify(edit))).toMatchObject({ isChanged: true });
    expect(readEdit({ argumentsSchema }, details, JSON.stringify(edit)).problem).toBeUndefined();
  }
});

it('schema with a plain misfit → the server and the page still say so', () => {
  const { parametersSchema: argumentsSchema } = itTool(z.string().regex(/^x$/i));
  const details = { it: 'x', n: 0 };
  expect(completeEdit({ details, argumentsSchema }, { it: 'x', n: 'one' })).toMatchObject({
    problem: expect.stringMatching(/^n: /),
  });
  expect(readEdit({ argumentsSchema }, details, '{"it":"x","n":"one"}').problem).toBe('n: Enter a number.');
});
