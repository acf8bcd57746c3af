/**
 * When the server wants to be asked again, in milliseconds from now: `retry-after-ms`, or `retry-after` as seconds or as a
 * date, of any length. The OpenAI client ignores what is above a minute. Undefined when the server does not say.
 */
export function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const milliseconds = headers?.get('retry-after-ms');
  if (milliseconds && Number.isFinite(Number(milliseconds))) return atLeastZero(Number(milliseconds));
  const value = headers?.get('retry-after');
  if (!value) return undefined;
  if (Number.isFinite(Number(value))) return atLeastZero(Number(value) * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : atLeastZero(date - now);
}

function atLeastZero(milliseconds: number): number {
  return Math.max(0, Math.ceil(milliseconds));
}
