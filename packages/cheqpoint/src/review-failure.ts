/** Thrown by a ReviewService. `sent`: false when the request certainly did not arrive, true when it may have. */
export class ReviewFailure extends Error {
  override readonly name = 'ReviewFailure';
  readonly kind: 'unavailable' | 'access-denied' | 'refused' | 'gone';
  readonly sent: boolean;
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
