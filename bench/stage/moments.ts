/** Time of the first event per item. */
export class Moments {
  readonly #what: string;
  readonly #at = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();

  /** `what` names the event in errors. */
  constructor(what: string) {
    this.#what = what;
  }

  /** Records the first event of an item. Later ones are ignored. */
  tell(item: string, at: number): void {
    if (this.#at.has(item)) return;
    this.#at.set(item, at);
    this.#waiting.get(item)?.(at);
    this.#waiting.delete(item);
  }

  /** Waits for the event and returns its time in `machineMs`. @throws Error if it takes longer than `withinMs`. */
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
