import type { Delivery } from '../../src/contract/review-admin.ts';

/** An attempt that is due so soon is waited for, in milliseconds. */
const SOON_MS = 5000;
/** One that is overdue by more will not be made by waiting: nobody delivers now. */
const OVERDUE_MS = 30_000;

/** Whether the next attempt of one of these deliveries is being made or about to be, so that reading on shows what came of it. `now` in milliseconds. */
export function isUnderWay(deliveries: readonly Pick<Delivery, 'state' | 'nextAttemptAt'>[], now: number): boolean {
  return deliveries.some(({ state, nextAttemptAt }) => {
    if (state !== 'due' || nextAttemptAt === null) return false;
    const dueIn = Date.parse(nextAttemptAt) - now;
    return dueIn > -OVERDUE_MS && dueIn < SOON_MS;
  });
}
