import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InexactJson, jsonProblem, parseJson } from '../src/index.ts';

function refusalOf(text: string): { path: string; message: string } {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof InexactJson) return { path: error.path, message: error.message };
    throw error;
  }
  throw new Error(`${text} was accepted.`);
}

describe('parseJson: numbers', () => {
  it.each([
    ['9007199254740993', 'the number 9007199254740993 would become 9007199254740992. Send it as text'],
    ['-9007199254740993', 'the number -9007199254740993 would become -9007199254740992. Send it as text'],
    ['9007199254740993.0', 'the number 9007199254740993.0 would become 9007199254740992. Send it as text'],
    ['90071992547409.93e2', 'the number 90071992547409.93e2 would become 9007199254740992. Send it as text'],
    ['0.1000000000000000001', 'the number 0.1000000000000000001 would become 0.1. Send it as text'],
    ['-0', 'the number -0 would become 0. Send it as text'],
    ['-0.0', 'the number -0.0 would become 0. Send it as text'],
    ['-0e5', 'the number -0e5 would become 0. Send it as text'],
    ['1e400', 'the number 1e400 is too large. Send it as text'],
    ['-1e400', 'the number -1e400 is too large. Send it as text'],
    ['1e-400', 'the number 1e-400 would become 0. Send it as text'],
  ])('%s → refused with its value', (text, message) => {
    expect(refusalOf(text)).toEqual({ path: '', message });
    expect(refusalOf(`{"a":[1,{"b":${text}}]}`)).toEqual({ path: 'a.1.b', message });
  });

  it.each<[string, number]>([
    ['1.0', 1],
    ['1.50', 1.5],
    ['5e-1', 0.5],
    ['0.000', 0],
    ['0e9', 0],
    ['9007199254740991', 9007199254740991],
    ['1000000000000000000000', 1e21],
    ['0.30000000000000004', 0.30000000000000004],
    ['5e-324', 5e-324],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('%s → accepted: its value stays', (text, value) => {
    expect(parseJson(text)).toBe(value);
  });

  it('JSON that JavaScript wrote → accepted, and the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('any decimal → its value as BigInt fractions, or refused', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,24})(\.\d{1,24})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const stays = fraction(text) === fraction(plainNotation(Number(text)));
        expect(valueOf(text)).toBe(stays ? Number(text) : 'refused');
      }),
      { numRuns: 2000 },
    );
  });
});

function valueOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof InexactJson) return 'refused';
    throw error;
  }
}

/** A decimal without exponent as a whole number of 10^-60. */
function fraction(text: string): bigint {
  const [whole = '', part = ''] = text.split('.');
  return BigInt(whole + part.padEnd(60, '0'));
}

/** The shortest decimal of a number, without an exponent. */
function plainNotation(value: number): string {
  const [, digits = '', exponent] = /^([\d.]+)(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const [whole = '', part = ''] = digits.split('.');
  const shift = Number(exponent ?? 0);
  const all = whole + part;
  const point = whole.length + shift;
  if (point <= 0) return `0.${'0'.repeat(-point)}${all}`;
  return `${all.padEnd(point, '0').slice(0, point)}.${all.slice(point)}0`;
}

describe('parseJson: text', () => {
  it.each([
    ['half a character', '{"text":"half \\ud83d"}', 'text'],
    ['its second half', '{"a":{"b":["\\udc00 x"]}}', 'a.b.0'],
    ['halves in the wrong order', '["\\udc00\\ud83d"]', '0'],
    ['half in a key', '{"a":{"\\ud83d":1}}', 'a.\uFFFD'],
  ])('%s → refused with its path', (_what, text, path) => {
    expect(refusalOf(text)).toEqual({ path, message: expect.stringContaining('half of a surrogate pair') as string });
  });

  it('whole characters, escaped or not → accepted', () => {
    expect(parseJson('["\\ud83c\\udf89","🎉"]')).toEqual(['🎉', '🎉']);
  });

  it('key "__proto__" → kept as a key', () => {
    expect(Object.keys(parseJson('{"__proto__":{"a":1}}') as object)).toEqual(['__proto__']);
  });

  it.each(['', '{', '01', "{'a':1}", 'NaN'])('%j → SyntaxError', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it.each([
    ['[', 100_000, 'a'],
    ['[', 501, 'a'],
    ['[1e5,', 100_000, ''],
  ])('%s %i times → refused', (open, depth, path) => {
    const text = `{"a":${open.repeat(depth)}1${']'.repeat(depth)}}`;
    expect(refusalOf(text)).toEqual({ path, message: 'is nested too deeply' });
  });
});

describe('parseJson: names', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"a":1}', 'a'],
    ['{"a":[1,{"b":2,"c":"}","b":3}]}', 'a.1.b'],
    [String.raw`{"amount":1,"\u0061mount":2}`, 'amount'],
    [String.raw`{"a\"":1,"x":{"a\"":1},"a\"":2}`, 'a"'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    [' { "a" : { "b" : [ ] } , "a" : null } ', 'a'],
    ['[[],[{}],{"x":0,"x":0}]', '2.x'],
  ])('%s → refused with its path', (text, path) => {
    expect(refusalOf(text)).toEqual({ path, message: expect.stringContaining('this name stands twice') as string });
  });

  it.each(['{"a":{"a":{"a":"a"}},"b":["a","a"]}', '[{"a":1},{"a":1}]', String.raw`{"a":"\\","b":"\",\"a\":","A":1}`])(
    '%s → accepted',
    (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    },
  );

  it('a name of any object, written once more in any form → refused', () => {
    fc.assert(
      fc.property(fc.object({ withNullPrototype: false }), fc.nat(), (object, which) => {
        const text = JSON.stringify(object);
        const names = Object.keys(JSON.parse(text) as object);
        fc.pre(names.length > 0);
        expect(parseJson(text)).toEqual(JSON.parse(text));
        const again = JSON.stringify(names[which % names.length]);
        expect(refusalOf(`${text.slice(0, -1)},${again}:null}`).message).toContain('stands twice');
      }),
      { numRuns: 500 },
    );
  });

  it('four megabytes of values at a depth of 499 → read in a moment', () => {
    const text = `${'['.repeat(499)}${'1,'.repeat(2_000_000)}1${']'.repeat(499)}`;
    const start = performance.now();
    parseJson(text);
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

describe('jsonProblem', () => {
  it.each([
    [{ a: Number.NaN }, 'a'],
    [{ a: [Number.POSITIVE_INFINITY] }, 'a.0'],
    [{ a: -0 }, 'a'],
    [{ a: 'x\ud83d' }, 'a'],
  ])('%o → its path', (value, path) => {
    expect(jsonProblem(value)).toMatchObject({ path });
  });

  it('plain JSON → undefined', () => {
    expect(jsonProblem({ a: [1, 'é', null, true, {}] })).toBeUndefined();
  });
});
