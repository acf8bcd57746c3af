import { Context } from '@temporalio/activity';
import { attemptTooOld } from './failure.ts';

/** Milliseconds between heartbeats. A cancellation arrives with the next one. */
const longestIntervalMs = 2_000;
/** Intervals in a window, so that one late heartbeat loses no attempt. */
const intervalsPerWindow = 2.5;

/**
 * Tells whether this attempt may still act. Temporal starts another attempt when no heartbeat arrives within the
 * Activity's heartbeat timeout. A frozen process or a blocked event loop exceeds it. A lost lease stays lost.
 */
export class AttemptLease {
  #renewedAt = Date.now();
  #lost = false;
  readonly #windowMs: number;
  readonly #cancelled: AbortSignal;

  /** @param windowMs - The heartbeat timeout of the Activity, in milliseconds. */
  constructor(windowMs: number, cancelled: AbortSignal) {
    this.#windowMs = windowMs;
    this.#cancelled = cancelled;
  }

  renew(): void {
    this.#lost = this.lost;
    this.#renewedAt = Date.now();
  }

  get lost(): boolean {
    return this.#lost || Date.now() - this.#renewedAt > this.#windowMs;
  }

  /**
   * Call it before a step that can't be undone.
   * @throws CancelledFailure when the attempt was cancelled or timed out; AttemptTooOld (retried) when the lease is lost.
   */
  throwIfLost(): void {
    this.#cancelled.throwIfAborted();
    if (this.lost) throw attemptTooOld();
  }
}

/** Runs `work` with heartbeats. Each heartbeat carries the current `details()`. */
export async function withHeartbeats<T>(
  work: (lease: AttemptLease) => Promise<T>,
  details: () => unknown = () => undefined,
): Promise<T> {
  const context = Context.current();
  // Without a heartbeat timeout, another attempt starts only after the start-to-close timeout.
  const windowMs = context.info.heartbeatTimeoutMs || context.info.startToCloseTimeoutMs;
  const lease = new AttemptLease(windowMs, context.cancellationSignal);
  const timer = setInterval(
    () => {
      lease.renew();
      // A local Activity has no heartbeats. Its time-out is short.
      if (!context.info.isLocal) context.heartbeat(details());
    },
    Math.min(longestIntervalMs, windowMs / intervalsPerWindow),
  );
  try {
    return await work(lease);
  } finally {
    clearInterval(timer);
  }
}
