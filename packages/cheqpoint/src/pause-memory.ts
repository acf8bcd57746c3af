import type { Pause } from './review.ts';
import { ReviewFailure } from './review-failure.ts';

/** For so long an answer is used again: a turn with many calls costs one question. */
const usedForMs = 2_000;
/** An answer on its way for longer is too old to act on. */
const longestWayMs = 4_000;

/**
 * Remembers for two seconds whether an assistant is paused. The age counts from the moment of the question, since the
 * service may have answered long before its answer arrived.
 */
export class PauseMemory {
  readonly #now: () => number;
  #known: { askedAt: number; paused: Pause | null } | undefined;
  #asking: Promise<Pause | null> | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps what an answer said. `askedAt`: when the question left. */
  note(askedAt: number, paused: Pause | null): void {
    if (askedAt >= (this.#known?.askedAt ?? 0)) this.#known = { askedAt, paused };
  }

  /**
   * The remembered answer, or a new one from `ask`. Callers at the same time share a question.
   *
   * @throws ReviewFailure `unavailable` when the answer took more than four seconds; what `ask` throws.
   */
  async read(ask: () => Promise<Pause | null>): Promise<Pause | null> {
    if (this.#known && this.#now() - this.#known.askedAt <= usedForMs) return this.#known.paused;
    this.#asking ??= this.#ask(ask).finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async #ask(ask: () => Promise<Pause | null>): Promise<Pause | null> {
    const askedAt = this.#now();
    const paused = await ask();
    this.note(askedAt, paused);
    const tookMs = this.#now() - askedAt;
    if (paused === null && tookMs > longestWayMs)
      throw new ReviewFailure(
        'unavailable',
        `The review service took ${tookMs} ms to say that the assistant is not paused, so the answer may be out of date.`,
        { sent: false },
      );
    return paused;
  }
}
