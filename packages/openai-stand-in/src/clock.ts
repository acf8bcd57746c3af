/** The stand-in's clock, in milliseconds since the epoch. */
export type Clock = {
  now(): number;
};

/** A clock that can be moved ahead of another one. All expiries and background progress use it. */
export class MovableClock implements Clock {
  readonly #base: Clock;
  #offset = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#offset;
  }

  /** Moves the clock ahead. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}

/** The time in whole seconds, as in OpenAI's `created_at`. */
export function inSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
