import { pino, type Level, type Logger } from 'pino';
import { errorFields } from './error-fields.ts';
import { redacted } from './redact.ts';

/** Characters that wait for a disk with room. */
const longestBacklog = 1_000_000;

/**
 * A log of JSON lines on standard error, written synchronously. With pino's asynchronous writing a process whose reader
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
      serializers: { err: (error) => errorFields(error), error: (error) => errorFields(error) },
      hooks: { streamWrite: redacted },
    },
    destination,
  );
}
