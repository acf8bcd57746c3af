import { describe, expect, it } from 'vitest';
import { inTime, TookTooLong } from '../src/schema.ts';

describe('inTime', () => {
  it('work that ends → its result', () => {
    expect(inTime(() => 'done')).toBe('done');
  });

  it('work that fails → its error', () => {
    expect(() =>
      inTime(() => {
        throw new RangeError('own');
      }),
    ).toThrow(new RangeError('own'));
  });

  it('endless work → TookTooLong, and the next call works', () => {
    expect(() => inTime(() => /^(a+)+$/.test(`${'a'.repeat(60)}b`), 50)).toThrow(TookTooLong);
    expect(inTime(() => 1, 50)).toBe(1);
  });
});
