import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../src/index.ts';
import { jsonSchemaChecker, jsonSchemaParameters } from '../src/schema.ts';

const order: JsonObject = {
  type: 'object',
  properties: {
    amount: { type: 'integer', minimum: 1 },
    lines: {
      type: 'array',
      items: { type: 'object', required: ['sku'], additionalProperties: false, properties: { sku: {} } },
    },
    'a/b~c': { type: 'string' },
    mail: { type: 'string', format: 'email' },
  },
  required: ['amount'],
};

describe('jsonSchemaChecker', () => {
  it.each<[string, Json, { path: string; message: string } | undefined]>([
    ['fits', { amount: 1 }, undefined],
    ['unknown keys where they are allowed', { amount: 1, more: true }, undefined],
    ['missing property', {}, { path: 'amount', message: 'is missing' }],
    ['wrong type', { amount: '1' }, { path: 'amount', message: 'must be integer' }],
    ['nested missing property', { amount: 1, lines: [{}] }, { path: 'lines.0.sku', message: 'is missing' }],
    ['unknown key', { amount: 1, lines: [{ sku: 1, x: 2 }] }, { path: 'lines.0.x', message: 'is not known' }],
    ['key with "/" and "~"', { amount: 1, 'a/b~c': 1 }, { path: 'a/b~c', message: 'must be string' }],
    ['format', { amount: 1, mail: 'x' }, { path: 'mail', message: 'must match format "email"' }],
    ['no object', [], { path: '', message: 'must be object' }],
  ])('%s', (_name, value, expected) => {
    expect(jsonSchemaChecker(order)(value)).toEqual(expected);
  });

  it('draft 7 by its $schema → tuples are checked by draft 7', () => {
    const tuple = { type: 'array', items: [{ type: 'string' }] };
    const draft7 = jsonSchemaChecker({ $schema: 'http://json-schema.org/draft-07/schema#', ...tuple });
    expect(draft7([1])).toEqual({ path: '0', message: 'must be string' });
  });

  it('same $id twice → both are compiled', () => {
    const named = { $id: 'https://example.com/order', type: 'string' };
    expect(jsonSchemaChecker(named)('a')).toBeUndefined();
    expect(jsonSchemaChecker({ ...named, type: 'number' })('a')).toMatchObject({ message: 'must be number' });
  });

  it.each<[string, JsonObject, string]>([
    ['unknown type', { type: 'strange' }, 'type'],
    ['$async', { $async: true, type: 'object' }, '$async is no keyword'],
  ])('%s → error', (_name, schema, text) => {
    expect(() => jsonSchemaChecker(schema)).toThrow(text);
  });

  it('pattern of exponential time → answered at once', () => {
    const check = jsonSchemaChecker({ type: 'string', pattern: '^(a+)+$' });
    expect(check(`${'a'.repeat(60)}b`)).toEqual({ path: '', message: 'must match pattern "^(a+)+$"' });
    expect(check('aaa')).toBeUndefined();
  });

  it('two patterns → each is checked', () => {
    const check = jsonSchemaChecker({ allOf: [{ pattern: '^a' }, { pattern: 'b$' }] });
    expect([check('ab'), check('a'), check('b')].map((misfit) => misfit === undefined)).toEqual([true, false, false]);
  });

  it('multipleOf 0.01 → every cent amount, and no half cent', () => {
    const check = jsonSchemaChecker({ multipleOf: 0.01 });
    const cents = Array.from({ length: 20_000 }, (_, index) => index / 100);
    expect(jsonSchemaChecker({ items: { multipleOf: 0.01 } })(cents)).toBeUndefined();
    expect(check(19.995)).toEqual({ path: '', message: 'must be multiple of 0.01' });
  });

  it.each<[string, Json[], boolean]>([
    [
      'two equal objects, keys in another order',
      [
        { a: 1, b: [{ c: null }] },
        { b: [{ c: null }], a: 1 },
      ],
      false,
    ],
    ['objects that differ deep inside', [{ a: { b: [1] } }, { a: { b: [2] } }], true],
    ['a number and its text', [1, '1'], true],
    ['one number in two spellings', [1, 1.0], false],
    ['zeros', [0, -0], false],
    ['null, false, 0, empty text, list and object', [null, false, 0, '', [], {}], true],
    [
      'lists in another order',
      [
        [1, 2],
        [2, 1],
      ],
      true,
    ],
    ['text that looks like an object', ['{"a":1}', { a: 1 }], true],
    [
      'members of the prototype',
      [
        { constructor: {}, valueOf: 1 },
        { valueOf: 1, constructor: {} },
      ],
      false,
    ],
  ])('uniqueItems: %s', (_name, items, isUnique) => {
    const check = jsonSchemaChecker({ type: 'object', properties: { items: { uniqueItems: true } } });
    expect(check({ items })).toEqual(
      isUnique ? undefined : { path: 'items', message: 'must NOT have duplicate items' },
    );
    expect(jsonSchemaChecker({ uniqueItems: false })(items)).toBeUndefined();
  });

  it('uniqueItems over 20,000 objects → answered in linear time', () => {
    const check = jsonSchemaChecker({ uniqueItems: true });
    const items = Array.from({ length: 20_000 }, (_, index) => ({ name: 'ana', at: { row: index } }));
    const started = process.cpuUsage();
    expect(check(items)).toBeUndefined();
    expect(check([...items, { at: { row: 0 }, name: 'ana' }])).toMatchObject({
      message: 'must NOT have duplicate items',
    });
    // A comparison of every pair takes ten times as long.
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });

  it('schema that refers to itself → misfit that says so', () => {
    expect(jsonSchemaChecker({ $ref: '#' })({})).toEqual({
      path: '',
      message: 'checking this has no end: the schema refers to itself',
    });
  });
});

describe('jsonSchemaParameters', () => {
  it('misfit → issue at its path', () => {
    const { error } = jsonSchemaParameters(order).safeParse({ amount: 1, lines: [{}] });
    expect(error?.issues).toMatchObject([{ path: ['lines', '0', 'sku'], message: 'is missing' }]);
  });

  it('fitting object → the object', () => {
    expect(jsonSchemaParameters(order).parse({ amount: 1, more: 2 })).toEqual({ amount: 1, more: 2 });
  });
});

describe('keys with the names of methods', () => {
  const value = { toString: false, valueOf: 1, constructor: { x: 1 } } as unknown as Json;
  it.each<[string, JsonObject, Json, string | undefined]>([
    ['enum', { enum: [{}, value] }, value, undefined],
    ['enum of others', { enum: [{}] }, value, 'must be equal to one of the allowed values'],
    ['const', { const: value }, value, undefined],
    ['other const', { const: {} }, value, 'must be equal to constant'],
    ['list of two', { uniqueItems: true }, [value, {}], undefined],
    ['list of equal ones', { uniqueItems: true }, [value, structuredClone(value)], 'must NOT have duplicate items'],
    ['keys in another order', { const: { a: 1, b: 2 } }, { b: 2, a: 1 }, undefined],
  ])('%s', (_name, schema, given, message) => expect(jsonSchemaChecker(schema)(given)?.message).toBe(message));
});
