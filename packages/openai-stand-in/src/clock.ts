/** Where the stand-in's time comes from: milliseconds since 1970. */
export interface Clock {
  now(): number;
}

/** A clock that can be moved ahead of another one. Everything that expires or advances by itself reads this. */
export class MovableClock implements Clock {
  readonly #base: Clock;
  #offset = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#offset;
  }

  /** Moves the clock ahead by so many milliseconds. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}

/** Whole seconds, as OpenAI's `created_at` has them. */
export function inSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
