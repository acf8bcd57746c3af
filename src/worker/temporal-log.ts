import { DefaultLogger, type LogLevel, type LogMetadata } from '@temporalio/worker';
import type { processLog } from '@holdpoint/process';

const pinoLevels: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** A logger for Temporal's SDK that writes into a log of pino. */
export function temporalLog(log: ReturnType<typeof processLog>): DefaultLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }) => log[pinoLevels[level]](pinoFields(meta), message));
}

/** pino's names for Temporal's fields. A task token completes its Activity, so it is left out. */
export function pinoFields(meta: LogMetadata = {}): Record<string, unknown> {
  const { error, ...fields } = meta;
  delete fields['taskToken'];
  return error === undefined ? fields : { ...fields, err: error };
}
