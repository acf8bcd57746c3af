/** A time in milliseconds since the epoch as `2026-11-30 08:28 UTC`, for Temporal's Web UI. */
export function showTime(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace(/:\d\d\.\d+Z$/, ' UTC')
    .replace('T', ' ');
}
