import { retryAfterMs } from '@holdpoint/json/retry-after';

/**
 * The wait that OpenAI asks for, in milliseconds from `now`: `retry-after-ms`, else `retry-after`. Undefined without
 * both. Holdpoint reads the headers because the OpenAI client ignores waits above a minute.
 */
export function openaiRetryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const milliseconds = headers?.get('retry-after-ms');
  if (milliseconds && Number.isFinite(Number(milliseconds))) return Math.max(0, Math.ceil(Number(milliseconds)));
  return retryAfterMs(headers?.get('retry-after'), now);
}
