import fc, { type Arbitrary } from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';

/** Texts that programs have stumbled over. */
const oddTexts = [
  '',
  ' ',
  '.',
  '..',
  '../..',
  '\0',
  '\\',
  '"',
  "'",
  '`',
  '%',
  '%00',
  '%zz',
  '%E0%A4%A',
  '\u202e\u200b',
  '\ud83d',
  '\udc00x',
  '\u{1f389}',
  '\u2028',
  '\ufeff',
  '\r\nx: y',
  '\u001b[2J',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'holdpoint',
  'null',
  'true',
  '-0',
  '1e400',
  'NaN',
  'Infinity',
  '0x10',
  '9007199254740993',
  '2026-02-30T25:61:00Z',
  '+275760-09-13T00:00:00.001Z',
  '-1 s',
  '1e9 years',
  '$ref',
  '${x}',
  '*',
  '; drop table',
  'http://[::1',
  'http://a:b%zz@c/',
  '::ffff:127.0.0.1',
  '(a+)+$',
  'x'.repeat(300),
  'ab '.repeat(5_000),
];

/** Names that objects already have, or that Holdpoint gives a meaning. */
const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'holdpoint',
  'length',
  'then',
  'toJSON',
  '',
];

export const text: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 24 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 24 }) },
  // Halves of surrogate pairs too.
  { weight: 1, arbitrary: fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)) },
);

export const name: Arbitrary<string> = fc.oneof(fc.constantFrom(...oddNames), fc.string({ maxLength: 8 }), text);

export const number: Arbitrary<number> = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 1, -1, 0.01, 1e21, 1e300, -5e-324, 2 ** 31, 2 ** 53, -(2 ** 63), 8.64e15),
);

export const json: Arbitrary<Json> = fc.letrec<{ value: Json; leaf: Json }>((tie) => ({
  leaf: fc.oneof(text, number, fc.boolean(), fc.constant(null)),
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

export const jsonObject: Arbitrary<JsonObject> = fc
  .array(fc.tuple(name, json), { maxLength: 5 })
  .map((entries) => Object.fromEntries(entries));

type Mutation = {
  at: number;
  kind: 'replace' | 'remove' | 'rename' | 'wrap' | 'add' | 'repeat';
  value: Json;
  name: string;
};

const mutation: Arbitrary<Mutation> = fc.record({
  at: fc.nat(200),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'rename', 'wrap', 'add', 'repeat'),
  value: json,
  name,
});

/** The value with up to three parts replaced, removed, renamed, wrapped, added or repeated. */
export function mutated(valid: Arbitrary<Json>): Arbitrary<Json> {
  return fc
    .tuple(valid, fc.array(mutation, { maxLength: 3, size: 'max' }))
    .map(([value, mutations]) => mutations.reduce(mutate, value));
}

function mutate(value: Json, { at, kind, value: other, name: key }: Mutation): Json {
  let next = at % countOf(value);
  const change = (part: Json): Json | undefined => {
    if (next-- === 0) return changed(part, kind, other, key);
    if (Array.isArray(part)) return part.flatMap((inner) => change(inner) ?? []);
    if (!isJsonObject(part)) return part;
    return Object.fromEntries(
      Object.entries(part).flatMap(([inner, innerValue]): Array<[string, Json]> => {
        const isHere = next === 0;
        const result = change(innerValue);
        return result === undefined ? [] : [[isHere && kind === 'rename' ? key : inner, result]];
      }),
    );
  };
  return change(value) ?? null;
}

function changed(part: Json, kind: Mutation['kind'], other: Json, key: string): Json | undefined {
  switch (kind) {
    case 'replace':
      return other;
    case 'remove':
      return undefined;
    case 'rename':
      return part;
    case 'wrap':
      return Array.isArray(other) ? [part] : Object.fromEntries([[key, part]]);
    case 'add':
      if (Array.isArray(part)) return [...part, other];
      return isJsonObject(part) ? Object.fromEntries([...Object.entries(part), [key, other]]) : [part, other];
    case 'repeat':
      return Array.isArray(part) ? [...part, ...part] : typeof part === 'string' ? part + part : part;
  }
}

function countOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + countOf(part), 1);
}

/** Parts of JSON and of other formats that a text mutation puts in. */
const oddTokens = [
  '"',
  '\\',
  '\\ud83d',
  '\\u0000',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '-0',
  '1e400',
  '9007199254740993',
  '0.1e1',
  'null',
  '"__proto__":1,',
  '"a":1,"a":2',
  '\n\n',
  'data: ',
  '\0',
  '%',
  '%zz',
  ';',
  '=',
  '[[[[[[',
  ' ',
];

type Cut = { at: number; length: number; put: string };
const cut: Arbitrary<Cut> = fc.record({
  at: fc.nat(10_000),
  length: fc.oneof(fc.constant(0), fc.nat(8)),
  put: fc.oneof(fc.constantFrom('', ...oddTokens), fc.string({ unit: 'binary', maxLength: 4 })),
});

/** The text with up to three places cut out or put in. */
export function spoiled(valid: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(valid, fc.array(cut, { maxLength: 3 })).map(([value, cuts]) =>
    cuts.reduce((before, { at, length, put }) => {
      const from = at % (before.length + 1);
      return before.slice(0, from) + put + before.slice(from + length);
    }, value),
  );
}

/** JSON text of a value, at times spoiled. */
export function jsonText(value: Arbitrary<Json>): Arbitrary<string> {
  const written = value.map((each) => JSON.stringify(each));
  return fc.oneof({ weight: 2, arbitrary: written }, { weight: 1, arbitrary: spoiled(written) });
}

/** Texts that are nested too deeply or very long. */
export const deepText: Arbitrary<string> = fc
  .tuple(fc.constantFrom(99, 101, 499, 502, 5_000, 100_000), fc.constantFrom('array', 'object'))
  .map(([levels, kind]) =>
    kind === 'array' ? '['.repeat(levels) + ']'.repeat(levels) : '{"a":'.repeat(levels) + '1' + '}'.repeat(levels),
  );

/** A value that no JSON has, for functions that programs call. */
export const anyValue: Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: json },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      undefined,
      NaN,
      Infinity,
      10n,
      Symbol.iterator,
      () => 1,
      new Date(NaN),
      /x/,
      new Map(),
      Object.create(null),
    ),
  },
);

/** The same value as the text says it, with own keys named `__proto__`. */
export function jsonCopy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
