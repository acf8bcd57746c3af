import { pino, stdTimeFunctions, type Level, type Logger } from 'pino';
import { errorFields } from './error-fields.ts';
import { redacted } from './redact.ts';
import { activeTraceId, requestScope } from './request-scope.ts';

/** Characters that wait for a disk with room. */
const longestBacklog = 1_000_000;

/**
 * A log of JSON lines on standard error, with times in ISO 8601 and levels as words. A line about a request has its id, and
 * the id of its trace if it is traced. It is written synchronously. With pino's asynchronous writing a process whose reader
 * is gone never exits: a worker would outlive a killed `holdpoint dev`. Errors in `err` and `error` are written with
 * stack and causes. Secrets are replaced.
 */
export function processLog(level: Level | 'silent'): Logger {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: longestBacklog });
  // A full disk behind standard error must not end the process. Lines wait for room, and then are dropped.
  destination.on('error', () => undefined);
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const { requestId } = requestScope();
        const traceId = activeTraceId();
        return { ...(requestId !== undefined && { requestId }), ...(traceId !== undefined && { traceId }) };
      },
      serializers: { err: (error) => errorFields(error), error: (error) => errorFields(error) },
      hooks: { streamWrite: redacted },
    },
    destination,
  );
}
