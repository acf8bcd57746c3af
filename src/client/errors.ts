import type { RestErrorCode } from '../schemas/rest-error.ts';

/** Codes of errors that come from this side of the wire. */
export type ClientErrorCode = 'unreachable' | 'unexpected-answer';

/** The gateway refused a request, or could not be reached. Its message says what to do. */
export class HoldpointError extends Error {
  override readonly name: string = 'HoldpointError';
  /** The gateway's code (docs/errors.md); `unreachable`: no answer came; `unexpected-answer`: what answered is no gateway. */
  readonly code: RestErrorCode | ClientErrorCode;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Where in the request the fault is, if the gateway says so. */
  readonly path: string | undefined;
  /** What the gateway asked to wait before another try, in milliseconds. */
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

  /** Whether the same request may be answered later: no answer, 429, or a status from 500 on. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The run ended without an answer. `type` is one of docs/errors.md, or Temporal's word (`Terminated`, `Timeout`). */
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

/** Somebody cancelled the run. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled';
  readonly runId: string;
  readonly type = 'Cancelled';
  constructor(runId: string) {
    super(`The run "${runId}" was cancelled.`);
    this.runId = runId;
  }
}
