import { setTimeout as pause } from 'node:timers/promises';

const retryForMs = 10_000;
const pauseMs = 250;

/**
 * Retries a read for ten seconds while the database is unreachable. Cheqpoint's Python package polls without a time-out
 * and gives up at the first 5xx, so a late answer is better than an early failure. For reads only: a failed write may
 * have been done.
 *
 * @throws the last error of `read`, or its next one after the caller has gone.
 */
export async function retryRead<Result>(read: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const end = performance.now() + retryForMs;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (performance.now() > end || signal.aborted) throw error;
      await pause(pauseMs);
    }
  }
}
