/**
 * Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds, or a date. Returns milliseconds from `now`, at least 0;
 * undefined for a missing or unreadable header.
 *
 * @param now - Milliseconds since the epoch.
 * @example
 * retryAfterMs(response.headers.get('retry-after'), Date.now());
 */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  const seconds = Number(value);
  const milliseconds = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, Math.ceil(milliseconds)) : undefined;
}
