import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** One durable timer that is asked whether it has fired, instead of being awaited: a wait in a loop re-arms nothing. */
export class Timer {
  fired = false;
  readonly #scope = new CancellationScope();

  constructor(milliseconds: number, summary: string) {
    void this.#run(milliseconds, summary);
  }

  async #run(milliseconds: number, summary: string): Promise<void> {
    try {
      await this.#scope.run(() => sleep(Math.max(milliseconds, 1), { summary }));
      this.fired = true;
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }

  /** Stops the timer; does nothing once it has fired. */
  cancel(): void {
    if (!this.fired) this.#scope.cancel();
  }
}
