import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** One durable timer that is asked whether it has fired, instead of being awaited: a wait in a loop re-arms nothing. */
export class Timer {
  fired = false;
  readonly #scope = new CancellationScope();

  constructor(milliseconds: number, summary: string) {
    const sleeping = this.#scope.run(() => sleep(Math.max(milliseconds, 1), { summary }));
    sleeping.then(
      () => {
        this.fired = true;
      },
      (error: unknown) => {
        if (!isCancellation(error)) throw error;
      },
    );
  }

  /** Stops the timer; does nothing once it has fired. */
  cancel(): void {
    if (!this.fired) this.#scope.cancel();
  }
}
