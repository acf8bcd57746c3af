/** Further hints are left to the reconcile Schedule. */
const most = 10;

/**
 * Hints of calls that the run does not know yet. The local request of a call is made in the Workflow Task that first knows
 * the call. If the worker dies or evicts the run there, the request stays made, and a hint of it comes before the Workflow
 * Task that knows the call again.
 */
export class EarlyHints {
  #kept: Array<() => void> = [];

  /** `heed` handles the hint once its call is known. */
  keep(heed: () => void): void {
    if (this.#kept.length < most) this.#kept.push(heed);
  }

  /** The turn has its calls. Hints that name none of them are dropped. */
  heed(): void {
    for (const heed of this.#kept.splice(0)) heed();
  }
}
