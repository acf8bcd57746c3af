/**
 * Thrown by what keeps runs. `unavailable`: Temporal did not answer in time, so the same may be tried again. `not-set-up`:
 * its namespace or search attributes are missing. `refused`: it understood the request and turned it down.
 */
export class RunsFailure extends Error {
  override readonly name = 'RunsFailure';
  readonly kind: 'unavailable' | 'not-set-up' | 'refused';
  constructor(kind: RunsFailure['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
  }
}
