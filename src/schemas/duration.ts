import ms, { type StringValue } from 'ms';

/** The longest delay of a timer in Node, in milliseconds: 24.8 days. A longer one fires after 1 ms. */
export const longestTimerMs = 2 ** 31 - 1;

/**
 * A time span in milliseconds, rounded up: text of the `ms` package such as `'3 days'` or `'90 s'`, or a number of
 * milliseconds. Undefined if it is neither, or negative.
 */
export function durationMs(span: unknown): number | undefined {
  const value = typeof span === 'string' && span !== '' ? ms(span as StringValue) : span;
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.ceil(value) : undefined;
}
