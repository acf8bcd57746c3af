/** Cheqpoint could not be asked, refused, or answered with something that can't be acted on. Never an approval. */
export class CheqpointError extends Error {
  override readonly name = 'CheqpointError';
  /** HTTP status of the answer; 0 when none came. */
  readonly status: number;
  /** Whether the same read may be answered later. A request for approval is another matter: see `mayHaveArrived`. */
  readonly passing: boolean;
  /** After a request for approval: true when people may see it all the same. Look into the inbox before asking again. */
  readonly mayHaveArrived: boolean;
  /** How long the service asked to wait, in milliseconds. */
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
 * The action was rejected, by a person or by the system. A text alone makes one too, as Cheqpoint's guide for the
 * Vercel AI SDK does (app.cheqpoint.co/docs/vercel-ai).
 */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  /** The request's id; null in an error of your own. */
  readonly id: string | null;
  /** What the reviewer wrote; null when nothing. */
  readonly note: string | null;

  constructor(message: string, { id = null, note = null }: { id?: string | null; note?: string | null } = {}) {
    super(message);
    this.id = id;
    this.note = note;
  }
}

/**
 * Nobody decided in time; that is no approval. The request stays open: a later decision can be read with
 * `getRequest(id)`.
 */
export class CheqpointTimeoutError extends Error {
  override readonly name = 'CheqpointTimeoutError';
  readonly id: string;
  /** How long was waited, in milliseconds. */
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
