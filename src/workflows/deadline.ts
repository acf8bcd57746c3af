import type { CallProgress } from '../domain/run.ts';
import { Timer } from './timer.ts';

/** The deadline of one Approval: one durable timer, armed by the first wait that knows when it is due. */
export class Deadline {
  #timer: Timer | undefined;
  readonly #call: CallProgress;

  constructor(call: CallProgress) {
    this.#call = call;
  }

  /** Whether time is up. */
  get passed(): boolean {
    return this.#timer?.fired === true;
  }

  /** Starts the timer if there is a deadline and it does not run yet. */
  arm(): void {
    if (this.#call.deadlineAt !== undefined) this.#timer ??= new Timer(this.#call.deadlineAt - Date.now(), 'deadline');
  }

  /** The deadline has passed but its question is still open: knocks again after this many milliseconds. */
  putOff(milliseconds: number): void {
    if (this.passed) this.#timer = new Timer(milliseconds, 'deadline, again');
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
