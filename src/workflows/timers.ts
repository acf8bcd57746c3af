import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { CallProgress } from '../domain/run.ts';
import { showTime } from '../domain/show-time.ts';

/** One durable timer with a `fired` flag, for a `condition` in a loop: waiting again starts no second timer. */
export class Timer {
  fired = false;
  readonly #scope = new CancellationScope();

  /** @param summary - Names the timer in Temporal's Web UI. */
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

  /** Stops the timer. Has no effect once it has fired. */
  cancel(): void {
    if (!this.fired) this.#scope.cancel();
  }
}

/** The deadline of one Approval: one durable timer. */
export class Deadline {
  #timer: Timer | undefined;
  readonly #call: CallProgress;

  constructor(call: CallProgress) {
    this.#call = call;
  }

  get passed(): boolean {
    return this.#timer?.fired === true;
  }

  /** Starts the timer once the deadline is known. */
  arm(): void {
    const { deadlineAt, call } = this.#call;
    if (deadlineAt !== undefined)
      this.#timer ??= new Timer(deadlineAt - Date.now(), `${call.tool} · undecided until ${showTime(deadlineAt)}`);
  }

  /** Passes again after `milliseconds`: the deadline has passed, but the request could not be closed. */
  retryAfter(milliseconds: number): void {
    if (this.passed) this.#timer = new Timer(milliseconds, 'deadline, closes again');
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
