import type { Cost, TokenUsage } from './run-record.ts';

/** Prices of a model in micro-units of the currency for a million tokens: one of them is one pico-unit for a token. */
export type ModelPrice = { input: bigint; cachedInput: bigint; output: bigint };

export type Prices = { currency: string; models: ReadonlyMap<string, ModelPrice> };

/** The price of the first of these models that has one. */
export function priceOf(
  prices: Prices | undefined,
  models: ReadonlyArray<string | null | undefined>,
): { price: ModelPrice; currency: string } | undefined {
  for (const model of models) {
    const price = model == null ? undefined : prices?.models.get(model);
    if (prices && price) return { price, currency: prices.currency };
  }
  return undefined;
}

/** The cost of a turn, exactly. Null without a price or without both counts of tokens. */
export function costOf(
  usage: TokenUsage | null,
  priced: { price: ModelPrice; currency: string } | undefined,
): Cost | null {
  if (usage === null || usage.input === null || usage.output === null || !priced) return null;
  const { price, currency } = priced;
  const cached = BigInt(Math.min(usage.cachedInput ?? 0, usage.input));
  const fresh = BigInt(usage.input) - cached;
  return { pico: fresh * price.input + cached * price.cachedInput + BigInt(usage.output) * price.output, currency };
}

const picoDigits = 12;

/** An amount as a decimal number, without zeros at its end. */
export function decimalOfPico(pico: bigint): string {
  const digits = pico.toString().padStart(picoDigits + 1, '0');
  const [whole, part] = [digits.slice(0, -picoDigits), digits.slice(-picoDigits).replace(/0+$/, '')];
  return part === '' ? whole : `${whole}.${part}`;
}

/** A price in micro-units. Undefined unless it is a decimal number from 0 to 1,000,000 with six decimals at most. */
export function microUnits(price: unknown): bigint | undefined {
  const text = typeof price === 'number' ? decimalText(price) : price;
  const match = typeof text === 'string' ? /^(\d{1,7})(?:\.(\d{1,6}))?$/.exec(text) : null;
  if (!match) return undefined;
  const micro = BigInt(`${match[1]}${(match[2] ?? '').padEnd(6, '0')}`);
  return micro <= 1_000_000_000_000n ? micro : undefined;
}

/** JavaScript writes numbers below 0.000001 with an exponent. */
function decimalText(value: number): string | undefined {
  const text = String(value);
  return /^\d+(\.\d+)?$/.test(text) ? text : undefined;
}
