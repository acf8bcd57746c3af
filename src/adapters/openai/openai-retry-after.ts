import { retryAfterMs } from '@holdpoint/json/retry-after';

/**
 * How long OpenAI asks to wait, in milliseconds from `now`: `retry-after-ms`, else `retry-after`. Undefined without either.
 * The OpenAI client ignores waits above a minute.
 */
export function openaiRetryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const milliseconds = headers?.get('retry-after-ms');
  if (milliseconds && Number.isFinite(Number(milliseconds))) return Math.max(0, Math.ceil(Number(milliseconds)));
  return retryAfterMs(headers?.get('retry-after'), now);
}
