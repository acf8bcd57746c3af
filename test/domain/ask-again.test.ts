import { expect, it } from 'vitest';
import { pauseBeforeAskingAgain } from '../../src/domain/ask-again.ts';

const minute = 60_000;

it.each([
  [1, minute],
  [2, 2 * minute],
  [5, 16 * minute],
  [11, 1024 * minute],
  [12, 24 * 60 * minute],
  [30, 24 * 60 * minute],
  [31, undefined],
])('after rejection %i by the service itself it pauses %s ms', (rejections, pause) => {
  expect(pauseBeforeAskingAgain(rejections)).toBe(pause);
});
