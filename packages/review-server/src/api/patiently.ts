import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;

/**
 * Reads again for ten seconds while the database can't be reached. Clients poll, and Cheqpoint's Python package gives a
 * whole wait up at the first 5xx; it has no time-out of its own, so a late answer is better than an early failure.
 * For reads only: nobody knows whether a write that failed was done.
 *
 * @throws what `read` throws at last, or once the caller has gone.
 */
export async function patiently<Result>(read: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (performance.now() > end || signal.aborted) throw error;
      await pause(PAUSE_MS);
    }
  }
}
