import { microUnits, type ModelPrice, type Prices } from '../domain/cost.ts';
import { checkOptions, refuse } from './invalid-definition.ts';

/** Prices of a model for a million tokens: numbers, or texts such as `'0.125'`. */
export type ModelPriceDefinition = {
  input: number | string;
  /** @default the price of input */
  cachedInput?: number | string;
  /** Reasoning is output. */
  output: number | string;
};

const owner = 'defineConfig';

/** @throws InvalidDefinition for a price that is not an exact decimal, and for prices without a currency. */
export function checkPrices(
  prices: { [model: string]: ModelPriceDefinition } | undefined,
  currency: string | undefined,
): Prices | undefined {
  if (prices === undefined) {
    if (currency !== undefined) refuse(owner, 'currency has no effect without prices. Add prices, or leave it out.');
    return undefined;
  }
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency))
    refuse(owner, "prices need a currency: three capital letters, such as currency: 'USD'.");
  if (typeof prices !== 'object' || prices === null || Array.isArray(prices))
    refuse(owner, "prices must be an object with models as keys, such as { 'gpt-5': { input: 1.25, output: 10 } }.");
  const models = Object.entries(prices).map(([model, price]): [string, ModelPrice] => {
    const where = `prices['${model}']`;
    if (typeof price !== 'object' || price === null) refuse(owner, `${where} must be an object with input and output.`);
    checkOptions(owner, where, price, ['input', 'cachedInput', 'output']);
    const read = (name: keyof ModelPriceDefinition): bigint => {
      const micro = microUnits(price[name]);
      if (micro !== undefined) return micro;
      return refuse(
        owner,
        `${where}.${name} must be a price for a million tokens, from 0 to 1,000,000 with six decimals at most.`,
      );
    };
    const input = read('input');
    return [
      model,
      { input, cachedInput: price.cachedInput === undefined ? input : read('cachedInput'), output: read('output') },
    ];
  });
  return { currency, models: new Map(models) };
}
