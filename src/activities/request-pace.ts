import { setTimeout as sleep } from 'node:timers/promises';

/** The passing of time in a round. Tests replace it. */
export type RoundTiming = {
  /** Milliseconds since any start. Never goes back. */
  elapsed(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
};

export const realTiming: RoundTiming = {
  elapsed: () => performance.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** Milliseconds between requests to a review service: at most five a second, so that decisions come first. */
const intervalMs = 200;

/** Limits the requests to one review service. */
export class RequestPace {
  readonly #timing: RoundTiming;
  readonly #signal: AbortSignal;
  #last: number;

  constructor(timing: RoundTiming, signal: AbortSignal) {
    this.#timing = timing;
    this.#signal = signal;
    this.#last = timing.elapsed();
  }

  /** Resolves when the next request may be sent. */
  async next(): Promise<void> {
    const wait = this.#last + intervalMs - this.#timing.elapsed();
    if (wait > 0) await this.#timing.pause(wait, this.#signal);
    this.#last = this.#timing.elapsed();
  }
}
