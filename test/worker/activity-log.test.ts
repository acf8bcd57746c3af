import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { nextTryMs } from '../../src/worker/activity-log.ts';
import { pinoFields } from '../../src/worker/temporal-log.ts';

describe('nextTryMs', () => {
  const policy = {
    initialInterval: '1 s',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    maximumAttempts: 20,
  } as const;
  it.each([
    [1, 1_000],
    [3, 4_000],
    [12, 60_000],
    [20, null],
  ])('attempt %i: next try in %j ms', (attempt, next) => expect(nextTryMs(new Error('x'), attempt, policy)).toBe(next));

  it('failure that is not retried → null', () =>
    expect(nextTryMs(ApplicationFailure.nonRetryable('x'), 1, policy)).toBeNull());

  it('failure that names its delay → the delay', () =>
    expect(nextTryMs(ApplicationFailure.create({ message: 'x', nextRetryDelay: '30 s' }), 1, policy)).toBe(30_000));
});

it("pinoFields: Temporal's error → err; its task token → left out", () => {
  const error = new Error('x');
  expect(pinoFields({ error, taskToken: 'canary', attempt: 2 })).toEqual({ err: error, attempt: 2 });
});
