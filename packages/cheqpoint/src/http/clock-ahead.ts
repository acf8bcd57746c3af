/**
 * How far the clock of a server is ahead of ours, in milliseconds, from the Date of its answer, which has whole seconds.
 * Undefined without a Date, and for the answer of a cache.
 */
export function clockAhead(headers: Headers, sentAt: number, receivedAt: number): number | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date) || headers.has('age')) return undefined;
  return Math.round(date + 500 - (sentAt + receivedAt) / 2);
}
