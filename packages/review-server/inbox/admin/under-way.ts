import type { Delivery } from '../../src/contract/deliveries.ts';

/** The page waits for an attempt that is due within this time, in milliseconds. */
const soonMs = 5000;
/** Attempts overdue by more than this are not expected soon: deliveries are stopped. */
const overdueMs = 30_000;

/** True if one of these deliveries has an attempt that is running or due within seconds. `now` in milliseconds. */
export function isUnderWay(deliveries: readonly Pick<Delivery, 'state' | 'nextAttemptAt'>[], now: number): boolean {
  return deliveries.some(({ state, nextAttemptAt }) => {
    if (state !== 'due' || nextAttemptAt === null) return false;
    const dueIn = Date.parse(nextAttemptAt) - now;
    return dueIn > -overdueMs && dueIn < soonMs;
  });
}
