import { pino, type Level, type Logger } from 'pino';

/**
 * A log of JSON lines on standard error, written synchronously. With pino's asynchronous writing a process whose reader
 * is gone never exits: a worker would outlive a killed `holdpoint dev`.
 */
export function processLog(level: Level | 'silent'): Logger {
  return pino({ level }, pino.destination({ dest: 2, sync: true }));
}
