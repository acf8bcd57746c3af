import { setTimeout as sleep } from 'node:timers/promises';
import type { ReviewAnswer } from '../review.ts';
import type { CheqpointConnection } from './connection.ts';
import { CheqpointError } from './errors.ts';

/** When to poll. `endsAt` is on the clock of `performance.now()`. */
export type Wait = { endsAt: number; firstPauseMs: number; pollIntervalMs: number };
/** The wait ended without a decision. `because` and `cause` say why the last poll failed, if it did. */
export type Undecided = { status: 'undecided'; because?: string; cause?: unknown };

const longestIntervalMs = 5000;
/** Longest pause that a service can ask for by Retry-After. */
const longestPauseMs = 600_000;
const readTimeoutMs = 10_000;
const lastReadTimeoutMs = 5000;

/** True for a decision. An unknown status word or an unreadable edit is not one. */
export function isDecided(answer: ReviewAnswer): boolean {
  return answer.status === 'approved' || answer.status === 'rejected';
}

/**
 * Polls a request, with growing pauses, until it is decided or `endsAt` is reached. The last poll is at `endsAt`.
 * Lost connections and an unavailable service do not end the wait.
 *
 * @throws CheqpointError that later polls can't mend, such as a refused key.
 */
export async function waitForDecision(
  connection: CheqpointConnection,
  id: string,
  { endsAt, firstPauseMs, pollIntervalMs }: Wait,
): Promise<ReviewAnswer | Undecided> {
  let pauseMs = firstPauseMs;
  let intervalMs = pollIntervalMs;
  for (;;) {
    await sleep(Math.max(0, Math.min(pauseMs, endsAt - performance.now(), longestPauseMs)));
    const leftMs = endsAt - performance.now();
    // Timers take whole milliseconds. The last poll gets its full time, even past `endsAt`.
    const timeoutMs = Math.ceil(Math.min(readTimeoutMs, Math.max(lastReadTimeoutMs, leftMs)));
    const result = await poll(connection, id, timeoutMs);
    if (result.status !== 'undecided' || leftMs <= 0) return result;
    // Jitter spreads waits that began at the same moment.
    pauseMs = Math.max(intervalMs * (0.9 + Math.random() * 0.2), result.retryAfterMs ?? 0);
    intervalMs = Math.min(intervalMs * 1.5, Math.max(longestIntervalMs, pollIntervalMs));
  }
}

async function poll(
  connection: CheqpointConnection,
  id: string,
  timeoutMs: number,
): Promise<ReviewAnswer | (Undecided & { retryAfterMs?: number | undefined })> {
  try {
    const answer = await connection.read(id, timeoutMs);
    if (isDecided(answer)) return answer;
    return {
      status: 'undecided',
      ...(answer.status === 'unknown'
        ? { because: ` (the last answer had the status "${answer.statusWord}" and could not be read as a decision)` }
        : {}),
    };
  } catch (error) {
    if (!(error instanceof CheqpointError) || !error.passing) throw error;
    return {
      status: 'undecided',
      because: ` (the last poll failed: ${error.message})`,
      cause: error,
      retryAfterMs: error.retryAfterMs,
    };
  }
}
