/** When something first happened, by item. */
export class Moments {
  readonly #what: string;
  readonly #at = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();

  /** `what` should have happened, as an error says it. */
  constructor(what: string) {
    this.#what = what;
  }

  /** Only the first time counts: a second attempt is not what somebody waited for. */
  tell(item: string, at: number): void {
    if (this.#at.has(item)) return;
    this.#at.set(item, at);
    this.#waiting.get(item)?.(at);
    this.#waiting.delete(item);
  }

  /** The moment, in `machineMs`; waits for it. @throws Error when it does not come within `withinMs`. */
  async of(item: string, withinMs = 60_000): Promise<number> {
    return (
      this.#at.get(item) ??
      (await new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${this.#what} did not happen within ${withinMs / 1000} s: ${item}.`)),
          withinMs,
        );
        this.#waiting.set(item, (at) => {
          clearTimeout(timer);
          resolve(at);
        });
      }))
    );
  }
}
