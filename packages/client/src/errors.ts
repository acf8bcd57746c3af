import type { ClientErrorCode, GatewayErrorCode } from './error-codes.ts';

/**
 * The gateway refused a request or could not be reached. The message says what to do. When `passing` is true, make the
 * same call again, after `retryAfterMs` if it is set.
 *
 * @example
 * try {
 *   await holdpoint.runs.get('order-17');
 * } catch (error) {
 *   if (error instanceof HoldpointError && error.code === 'run-not-found') return undefined;
 *   throw error;
 * }
 */
export class HoldpointError extends Error {
  override readonly name: string = 'HoldpointError';
  /** Code from docs/errors.md. `unreachable` and `unexpected-answer` come from the client itself. */
  readonly code: GatewayErrorCode | ClientErrorCode;
  /** HTTP status. 0 when no answer came. */
  readonly status: number;
  /** The part of the request at fault, such as `body.input`. Undefined when the gateway named none. */
  readonly path: string | undefined;
  /** Milliseconds to wait before the next attempt, from the `Retry-After` header. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: HoldpointError['code'],
    message: string,
    details: { status: number; path?: string | undefined; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.path = details.path;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** True if the same request may succeed later: no answer, 429, or a status from 500 on. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The run ended without an answer. `type` is a type of docs/errors.md or of Temporal (`Terminated`, `Timeout`). */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  readonly runId: string;
  readonly type: string;
  constructor(runId: string, type: string, message: string) {
    super(message);
    this.runId = runId;
    this.type = type;
  }
}

/** The run was cancelled. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled';
  readonly runId: string;
  readonly type = 'Cancelled';
  constructor(runId: string) {
    super(`The run "${runId}" was cancelled.`);
    this.runId = runId;
  }
}
