import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExactNumber, isJsonObject, parseExactJson, stableJson } from '../src/index.ts';

describe('parseExactJson', () => {
  it.each(['12345678901234567890', '1.0', '1e400', '-0', '0.1000', '[1.50,{"a":2e3}]', '"1.0"', 'null'])(
    '%s → JSON.stringify gives it back as written',
    (text) => {
      expect(JSON.stringify(parseExactJson(text))).toBe(text);
    },
  );

  it('any JSON → its value is that of JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(JSON.stringify(parseExactJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(['', '{', '01', "{'a':1}"])('%j → SyntaxError', (text) => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  it('number that JavaScript would change → isExactNumber, and only then', () => {
    const [big, small] = parseExactJson('[12345678901234567890, 1]') as unknown[];
    expect([big, small].map(isExactNumber)).toEqual([true, false]);
    expect(small).toBe(1);
  });
});

describe('stableJson', () => {
  it('other order of keys → same text, with exact numbers kept', () => {
    const one = parseExactJson('{"b":1.0,"a":[{"d":2,"c":3}]}');
    const other = parseExactJson('{"a":[{"c":3,"d":2}],"b":1.0}');
    expect(stableJson(one)).toBe('{"a":[{"c":3,"d":2}],"b":1.0}');
    expect(stableJson(other)).toBe(stableJson(one));
  });
});

describe('isJsonObject', () => {
  it.each([
    [{}, true],
    [{ a: 1 }, true],
    [[], false],
    [null, false],
    [undefined, false],
    ['{}', false],
    [1, false],
  ])('%j → %s', (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});
