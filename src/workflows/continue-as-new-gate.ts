import { condition } from '@temporalio/workflow';

/**
 * The gate at which the calls of a turn wait. The run continues as new only while all calls wait. From then on none of
 * them wakes, so nothing starts that the next run would start again.
 */
export class ContinueAsNewGate {
  #leaving = false;
  readonly #mayLeave: () => boolean;

  /** `mayLeave`: true when the history is long and every call rests. */
  constructor(mayLeave: () => boolean) {
    this.#mayLeave = mayLeave;
  }

  /** Resolves when `awake` is true. Never resolves once the run continues as new. */
  async until(awake: () => boolean): Promise<void> {
    await condition(awake);
    if (this.#leaving) await condition(() => false);
  }

  /** Waits for `work`, or until the run may continue as new. Rejects as `work` does, or when cancelled. */
  async endOf(work: Promise<unknown>): Promise<'ended' | 'continue-as-new'> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    await condition(() => ended || (this.#leaving = this.#mayLeave()));
    if (!ended) return 'continue-as-new';
    await work;
    return 'ended';
  }
}
