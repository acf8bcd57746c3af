/** An error of a ReviewService. */
export class ReviewFailure extends Error {
  override readonly name = 'ReviewFailure';
  /**
   * `unavailable`: may succeed later. `access-denied`: wrong key. `refused`: invalid call. `gone`: unknown request.
   * `unreadable`: the arguments in the answer are not exact.
   */
  readonly kind: 'unavailable' | 'access-denied' | 'refused' | 'gone' | 'unreadable';
  /** False if the request certainly did not arrive. True if it may have. */
  readonly sent: boolean;
  /** The service's `Retry-After`, in milliseconds from now. Undefined without one. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ReviewFailure['kind'],
    message: string,
    options: { sent: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.sent = options.sent;
    this.retryAfterMs = options.retryAfterMs;
  }
}
