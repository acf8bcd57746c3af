import { pino, type Level, type Logger } from 'pino';
import { errorFields } from './error-fields.ts';
import { redacted } from './redact.ts';

/**
 * A log of JSON lines on standard error, written synchronously. With pino's asynchronous writing a process whose reader
 * is gone never exits: a worker would outlive a killed `holdpoint dev`. Errors in `err` and `error` are written with
 * stack and causes. Secrets are replaced.
 */
export function processLog(level: Level | 'silent'): Logger {
  return pino(
    {
      level,
      serializers: { err: (error) => errorFields(error), error: (error) => errorFields(error) },
      hooks: { streamWrite: redacted },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
