import { Context } from '@temporalio/activity';

/** How often an Activity that may take long says that it lives; also how soon it hears of a cancellation. */
const intervalMs = 2_000;
/** Without a heartbeat for this long Temporal takes the worker for dead and starts another attempt. */
export const heartbeatTimeoutMs = 10_000;

/** Tells whether this attempt was held up (a frozen process, a blocked event loop) for so long that another may have begun. */
export class Pulse {
  #last = Date.now();
  #missed = false;

  beat(): void {
    this.#missed ||= Date.now() - this.#last > heartbeatTimeoutMs;
    this.#last = Date.now();
  }

  /** True from the first gap on: an attempt that was given up stays given up. */
  get missed(): boolean {
    return this.#missed || Date.now() - this.#last > heartbeatTimeoutMs;
  }
}

/** Runs `work` with heartbeats, each carrying what `details` says at the time. */
export async function withHeartbeats<T>(work: (pulse: Pulse) => Promise<T>, details: () => unknown = () => undefined): Promise<T> {
  const context = Context.current();
  const pulse = new Pulse();
  const timer = setInterval(() => {
    pulse.beat();
    context.heartbeat(details());
  }, intervalMs);
  try {
    return await work(pulse);
  } finally {
    clearInterval(timer);
  }
}
