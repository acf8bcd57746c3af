import { durationMs } from '../schemas/duration.ts';
import { UsageError } from './connection.ts';

/** A time in ISO 8601: from such a time, from a date, or from a span back from now. @throws UsageError for other text. */
export function readTime(flag: string, text: string, now = Date.now()): string {
  const span = durationMs(text);
  const at = span === undefined ? Date.parse(text) : now - span;
  // Date.parse reads other forms in local time, so a list would depend on the machine.
  if (span === undefined && !/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text)) throw notATime(flag, text);
  if (Number.isNaN(at) || Math.abs(at) > 8.64e15) throw notATime(flag, text);
  return new Date(at).toISOString();
}

function notATime(flag: string, text: string): UsageError {
  return new UsageError(
    `${flag} must be a time such as 2026-11-30T08:00:00Z, a date, or a span such as "2 days", not "${text}".`,
  );
}
