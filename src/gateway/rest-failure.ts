import type { GatewayErrorCode } from '@holdpoint/client';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { RunsFailure } from '../domain/runs-failure.ts';
import { restErrors, type RestErrorBody } from '../schemas/rest-error.ts';
import type { GatewayLog } from './ports.ts';

/** A failure that a route answers with an error code. */
export class RestFailure extends Error {
  override readonly name = 'RestFailure';
  readonly code: GatewayErrorCode;
  readonly path: string | undefined;
  constructor(code: GatewayErrorCode, message: string, path?: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/** `Retry-After` of a 503, in seconds. */
const retryAfterSeconds = 5;

/** Turns every error into an answer without internals. */
export function answerError(log: GatewayLog) {
  return (error: unknown, c: Context): Response => {
    const body = errorBody(error, log);
    const { status } = restErrors[body.error.code];
    if (status === 503) c.header('retry-after', String(retryAfterSeconds));
    return c.json(body, status);
  };
}

/** The error body for callers. Internals go to the log. */
export function errorBody(error: unknown, log: GatewayLog): RestErrorBody {
  const { code, message, path } = toRestFailure(error, log);
  return { error: { code, message, ...(path === undefined ? {} : { path }) } };
}

function toRestFailure(error: unknown, log: GatewayLog): RestFailure {
  if (error instanceof RestFailure) return error;
  if (error instanceof RunsFailure && error.kind === 'database') {
    log.warn({ err: error.cause }, "Holdpoint's database did not answer the gateway.");
    return new RestFailure('database-unavailable', error.message);
  }
  if (error instanceof RunsFailure && error.kind !== 'refused') {
    log.warn({ kind: error.kind, reason: error.message }, 'Temporal did not answer the gateway.');
    return new RestFailure(error.kind === 'not-set-up' ? 'temporal-not-set-up' : 'temporal-unavailable', error.message);
  }
  if (error instanceof RunsFailure) return new RestFailure('invalid-request', error.message);
  if (error instanceof HTTPException && error.status === 415)
    return new RestFailure(
      'unsupported-media-type',
      'Send the body as JSON, with the header content-type: application/json.',
    );
  if (error instanceof HTTPException && error.status === 400)
    return new RestFailure('invalid-request', 'The body is not valid JSON.', 'body');
  // zod compares the "length" of a value of another type, which throws for some objects.
  if (error instanceof TypeError && /[\\/]zod[\\/]v4[\\/]core[\\/]checks/.test(error.stack ?? ''))
    return new RestFailure('invalid-request', 'A field has a value of the wrong type.', 'body');
  log.error({ err: error }, 'Unexpected error.');
  return new RestFailure('internal-error', 'Unexpected error. The log of the gateway has it.');
}
