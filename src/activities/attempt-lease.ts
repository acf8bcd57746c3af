import { Context } from '@temporalio/activity';
import { tooOld } from './failure.ts';

/** How often an Activity that may take long says that it lives; also how soon it hears of a cancellation. */
const intervalMs = 2_000;
/** Without a heartbeat for this long Temporal takes the worker for dead and starts another attempt. */
export const heartbeatTimeoutMs = 10_000;

/** Tells whether this attempt was held up (a frozen process, a blocked event loop) for so long that another may have begun. */
export class AttemptLease {
  #last = Date.now();
  #lost = false;
  readonly #cancelled: AbortSignal;

  constructor(cancelled: AbortSignal) {
    this.#cancelled = cancelled;
  }

  renew(): void {
    this.#lost ||= Date.now() - this.#last > heartbeatTimeoutMs;
    this.#last = Date.now();
  }

  /** True from the first gap on: an attempt that was given up stays given up. */
  get lost(): boolean {
    return this.#lost || Date.now() - this.#last > heartbeatTimeoutMs;
  }

  /**
   * Before something that can't be taken back: of an attempt that was given up nobody hears any more.
   * @throws CancelledFailure when it was cancelled or timed out; AttemptTooOld (tried again) when its lease was missed.
   */
  throwIfLost(): void {
    this.#cancelled.throwIfAborted();
    if (this.lost) throw tooOld();
  }
}

/** Runs `work` with heartbeats, each carrying what `details` says at the time. */
export async function withHeartbeats<T>(
  work: (lease: AttemptLease) => Promise<T>,
  details: () => unknown = () => undefined,
): Promise<T> {
  const context = Context.current();
  const lease = new AttemptLease(context.cancellationSignal);
  const timer = setInterval(() => {
    lease.renew();
    context.heartbeat(details());
  }, intervalMs);
  try {
    return await work(lease);
  } finally {
    clearInterval(timer);
  }
}
