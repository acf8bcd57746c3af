import { maxSorted, minSorted, quantileSorted } from 'simple-statistics';

/** Minimum, median and maximum of repeated measurements. */
export type Spread = { min: number; median: number; max: number };

/** @throws Error for an empty list. */
export function quantile(values: readonly number[], share: number): number {
  return quantileSorted(sorted(values), share);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function spreadOf(values: readonly number[]): Spread {
  const inOrder = sorted(values);
  return { min: minSorted(inOrder), median: quantileSorted(inOrder, 0.5), max: maxSorted(inOrder) };
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((one, other) => one - other);
}
