import { condition } from '@temporalio/workflow';

/**
 * Where the calls of a turn wait. A Workflow may continue as new only while every one of them rests; once that is
 * decided none of them wakes any more, so nothing starts that the next run would start again.
 */
export class ContinueAsNewGate {
  #leaving = false;
  readonly #mayLeave: () => boolean;

  /** `mayLeave`: true when the history is long and everything rests. */
  constructor(mayLeave: () => boolean) {
    this.#mayLeave = mayLeave;
  }

  /** Resolves when `awake` holds; never again once the run is leaving. */
  async until(awake: () => boolean): Promise<void> {
    await condition(awake);
    if (this.#leaving) await condition(() => false);
  }

  /** Waits for `work` to end, or for the moment to continue as new. Rejects as `work` does, or when cancelled. */
  async endOf(work: Promise<unknown>): Promise<'ended' | 'leave'> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    await condition(() => ended || (this.#leaving = this.#mayLeave()));
    if (!ended) return 'leave';
    await work;
    return 'ended';
  }
}
