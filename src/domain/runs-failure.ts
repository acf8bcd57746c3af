/**
 * Thrown by the port that starts and reads runs. `unavailable`: Temporal did not answer in time, so a retry may
 * succeed. `not-set-up`: the namespace or the search attributes are missing. `refused`: Temporal refused the request.
 * `database`: Holdpoint's database did not answer.
 */
export class RunsFailure extends Error {
  override readonly name = 'RunsFailure';
  readonly kind: 'unavailable' | 'not-set-up' | 'refused' | 'database';
  constructor(kind: RunsFailure['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
  }
}
