/**
 * The service could not be reached, refused the call, or gave no usable answer. Never an approval.
 *
 * @example
 * if (error instanceof CheqpointError && error.mayHaveArrived) console.warn('Look into the inbox before asking again.');
 */
export class CheqpointError extends Error {
  override readonly name = 'CheqpointError';
  /** HTTP status of the answer, or 0 without an answer. */
  readonly status: number;
  /** True if the same read may succeed later. Before you repeat a request for approval, check `mayHaveArrived`. */
  readonly passing: boolean;
  /** True if reviewers may see the request although the call failed. Look into the inbox before you ask again. */
  readonly mayHaveArrived: boolean;
  /** The service's `Retry-After`, in milliseconds from now. Undefined without one. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: {
      status?: number;
      passing?: boolean;
      mayHaveArrived?: boolean;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.status = details.status ?? 0;
    this.passing = details.passing ?? false;
    this.mayHaveArrived = details.mayHaveArrived ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/**
 * A person or the system rejected the action. You can throw one yourself, as Cheqpoint's guide for the Vercel AI SDK
 * does (app.cheqpoint.co/docs/vercel-ai).
 *
 * @example
 * throw new RejectedError('Declined.');
 */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  /** Id of the request. Null in an error that you made. */
  readonly id: string | null;
  /** The reviewer's note. Null without one. */
  readonly note: string | null;

  constructor(message: string, { id = null, note = null }: { id?: string | null; note?: string | null } = {}) {
    super(message);
    this.id = id;
    this.note = note;
  }
}

/**
 * The request was not decided in time. It stays open: read a later decision with `getRequest(id)`.
 *
 * @example
 * if (error instanceof CheqpointTimeoutError) await saveForLater(error.id);
 */
export class CheqpointTimeoutError extends Error {
  override readonly name = 'CheqpointTimeoutError';
  /** Id of the request. */
  readonly id: string;
  /** The limit of the wait, in milliseconds. */
  readonly timeoutMs: number;

  constructor(id: string, timeoutMs: number, { because = '', cause }: { because?: string; cause?: unknown } = {}) {
    super(
      `The request ${id} was not decided within ${timeoutMs} ms${because}. It stays open; nothing was approved.`,
      cause === undefined ? {} : { cause },
    );
    this.id = id;
    this.timeoutMs = timeoutMs;
  }
}
