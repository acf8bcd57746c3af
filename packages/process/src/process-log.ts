import { pino, type Level, type Logger } from 'pino';

/**
 * The log of one of our processes: JSON lines on standard error.
 * Written at once: what pino would otherwise write at the end of the process keeps that end waiting for ever when
 * nobody reads any more, and a worker whose `holdpoint dev` was killed would stay.
 */
export function processLog(level: Level | 'silent'): Logger {
  return pino({ level }, pino.destination({ dest: 2, sync: true }));
}
