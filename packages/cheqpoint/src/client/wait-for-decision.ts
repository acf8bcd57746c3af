import { setTimeout as sleep } from 'node:timers/promises';
import type { ReviewAnswer } from '../review.ts';
import type { CheqpointConnection } from './connection.ts';
import { CheqpointError } from './errors.ts';

/** When to look. `endsAt` is on the clock of `performance.now()`. */
export type Wait = { endsAt: number; firstPauseMs: number; pollIntervalMs: number };
/** Why there is no decision: what the last look met, if it met anything but an open request. */
export type Undecided = { status: 'undecided'; because?: string; cause?: unknown };

const SLOWEST_MS = 5000;
const LONGEST_PAUSE_MS = 600_000;
const READ_TIMEOUT_MS = 10_000;
const LAST_READ_TIMEOUT_MS = 5000;

/** Whether this answer is a decision. A word that is not Cheqpoint's, or an unreadable edit, is none. */
export function isDecided(answer: ReviewAnswer): boolean {
  return answer.status === 'approved' || answer.status === 'rejected';
}

/**
 * Looks at a request with growing pauses until it is decided or the time is up, the last time at the very end. Bears
 * lost connections and a service that is down for a while.
 *
 * @throws CheqpointError that no later look would mend.
 */
export async function waitForDecision(
  connection: CheqpointConnection,
  id: string,
  { endsAt, firstPauseMs, pollIntervalMs }: Wait,
): Promise<ReviewAnswer | Undecided> {
  let pauseMs = firstPauseMs;
  let intervalMs = pollIntervalMs;
  for (;;) {
    await sleep(Math.max(0, Math.min(pauseMs, endsAt - performance.now(), LONGEST_PAUSE_MS)));
    const leftMs = endsAt - performance.now();
    // Timers take whole milliseconds; the last look gets its time however late it is.
    const look = await lookAt(
      connection,
      id,
      Math.ceil(Math.min(READ_TIMEOUT_MS, Math.max(LAST_READ_TIMEOUT_MS, leftMs))),
    );
    if (look.status !== 'undecided' || leftMs <= 0) return look;
    // Many waits that began together should not look together.
    pauseMs = Math.max(intervalMs * (0.9 + Math.random() * 0.2), look.retryAfterMs ?? 0);
    intervalMs = Math.min(intervalMs * 1.5, Math.max(SLOWEST_MS, pollIntervalMs));
  }
}

async function lookAt(
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
      because: ` (the last look failed: ${error.message})`,
      cause: error,
      retryAfterMs: error.retryAfterMs,
    };
  }
}
