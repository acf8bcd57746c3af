import { expect, it } from 'vitest';
import { retryAfterMs } from '../src/retry-after.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

it.each([
  ['7', 7000],
  [' 0 ', 0],
  ['1.5', 1500],
  ['-5', 0],
  ['Sun, 22 Nov 2026 12:01:00 GMT', 60_000],
  ['Sun, 22 Nov 2026 11:59:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('Retry-After: %j → %j ms', (header, milliseconds) => {
  expect(retryAfterMs(header, now)).toBe(milliseconds);
});
