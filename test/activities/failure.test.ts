import { expect, it } from 'vitest';
import { ReviewFailure } from '@holdpoint/cheqpoint';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { toTemporalFailure } from '../../src/activities/failure.ts';

const day = 24 * 3_600_000;

it.each([
  [7_200_000, 7_200_000],
  [100 * 365 * day, day],
  [1e300, day],
])('Retry-After of %d ms → the next attempt after %d ms', (retryAfterMs, nextRetryDelay) => {
  const failures = [
    new ModelFailure('ModelRateLimited', 'Wait.', { retryAfterMs }),
    new ReviewFailure('unavailable', 'Wait.', { sent: false, retryAfterMs }),
  ];
  for (const failure of failures) expect(toTemporalFailure(failure)).toMatchObject({ nextRetryDelay });
});
