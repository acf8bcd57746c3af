import type { HoldpointError } from './errors.ts';
import { longestTimerMs } from './gateway-connection.ts';

/** First pause, in milliseconds. It doubles up to the longest. */
const firstPauseMs = 250;
const longestPauseMs = 30_000;

/** The pause before the next attempt, in milliseconds. `failures`: failed attempts before this one. */
export function pauseMsAfter({ retryAfterMs }: HoldpointError, failures: number): number {
  const ownPauseMs = Math.min(firstPauseMs * 2 ** failures, longestPauseMs) * (0.75 + Math.random() / 2);
  return Math.min(retryAfterMs ?? ownPauseMs, longestTimerMs);
}

/** @throws The signal's reason when it aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stopped);
      resolve();
    }, ms);
    if (signal?.aborted) stopped();
    else signal?.addEventListener('abort', stopped, { once: true });
  });
}
