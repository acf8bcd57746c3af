import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, decimalOfPico, microUnits, priceOf, type Prices } from '../../src/domain/cost.ts';
import { contextFields } from '../../src/domain/context-fields.ts';
import { defineConfig } from '../../src/index.ts';
import { defineAssistant } from '../../src/index.ts';

const price = { input: 1_250_000n, cachedInput: 125_000n, output: 10_000_000n };
const priced = { price, currency: 'USD' };
const assistants = [defineAssistant({ name: 'a', model: 'gpt-5', tools: [] })];

describe('cost of a turn', () => {
  it('tokens with cached ones → exact, each at its price', () => {
    const usage = { input: 1200, cachedInput: 1000, output: 30, reasoning: 20 };
    expect(decimalOfPico(costOf(usage, priced)!.pico)).toBe('0.000675');
  });

  it('no price, or a count that the server did not report → not known', () => {
    const usage = { input: 1200, cachedInput: null, output: 30, reasoning: null };
    expect(costOf(usage, undefined)).toBeNull();
    expect(costOf(null, priced)).toBeNull();
    expect(costOf({ ...usage, output: null }, priced)).toBeNull();
    expect(costOf({ ...usage, input: null }, priced)).toBeNull();
    expect(decimalOfPico(costOf(usage, priced)!.pico)).toBe('0.0018');
  });

  it('price as a number or a text → exact micro-units', () => {
    expect([0.1, '0.125', 1.25, '10', 0, 1_000_000].map(microUnits)).toEqual([
      100_000n,
      125_000n,
      1_250_000n,
      10_000_000n,
      0n,
      1_000_000_000_000n,
    ]);
    for (const wrong of [0.0000001, '1e3', -1, Number.NaN, Infinity, '1.0000001', '', ' 1', null, 1_000_001])
      expect([wrong, microUnits(wrong)]).toEqual([wrong, undefined]);
  });

  it('any amount → a decimal text of the same value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (pico) => {
        const [whole = '', part = ''] = decimalOfPico(pico).split('.');
        expect(BigInt(whole + part.padEnd(12, '0'))).toBe(pico);
      }),
    );
  });

  it('price of the name that the server gives, else of the configured one', () => {
    const prices: Prices = { currency: 'USD', models: new Map([['gpt-5', price]]) };
    expect(priceOf(prices, ['gpt-5-2025-08-07', 'gpt-5'])).toEqual(priced);
    expect(priceOf(prices, ['other', null])).toBeUndefined();
    expect(priceOf(undefined, ['gpt-5'])).toBeUndefined();
  });
});

describe('defineConfig with prices', () => {
  it('prices → micro-units; cached input costs as input by default', () => {
    const { prices } = defineConfig({
      assistants,
      prices: { 'gpt-5': { input: 1.25, output: '10' } },
      currency: 'USD',
    });
    expect(prices?.models.get('gpt-5')).toEqual({ ...price, cachedInput: price.input });
  });

  it.each([
    [{ prices: { m: { input: 1, output: 1 } } }, 'prices need a currency'],
    [{ prices: { m: { input: 1, output: 1 } }, currency: 'usd' }, 'three capital letters'],
    [{ currency: 'USD' }, 'no effect without prices'],
    [{ prices: { m: { input: 1 } }, currency: 'USD' }, "prices['m'].output must be a price for a million tokens"],
    [{ prices: { m: { input: 1, output: 0.0000001 } }, currency: 'USD' }, 'six decimals at most'],
    [{ prices: { m: { input: 1, output: 1, cached: 1 } }, currency: 'USD' }, "prices['m'] has"],
  ])('%o → refused: %s', (more, says) => {
    expect(() => defineConfig({ assistants, ...(more as object) })).toThrow(says);
  });
});

describe('context fields', () => {
  it('texts, numbers and booleans by path; the rest left out', () => {
    const context = {
      user: 'ana',
      customer: { id: 17, vip: true, deep: { er: { and: { too: 1 } } } },
      list: ['a'],
      none: null,
      empty: '',
      long: 'x'.repeat(201),
      nul: 'a\0b',
      half: '\ud83d',
    };
    expect(contextFields(context)).toEqual([
      { name: 'user', value: 'ana' },
      { name: 'customer.id', value: '17' },
      { name: 'customer.vip', value: 'true' },
    ]);
    expect(contextFields('ana')).toEqual([]);
    expect(contextFields(Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`f${i}`, i])))).toHaveLength(50);
  });
});
