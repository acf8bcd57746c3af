const minute = 60_000;
const day = 24 * 60 * minute;
/** A hosted service that rejects by itself is asked again this often before the call parks. */
export const systemRejectionsBorne = 30;

/**
 * How long to pause, in milliseconds, before a question that the service rejected by itself is asked again: a minute,
 * two, four, up to a day; undefined once it was rejected too often.
 */
export function pauseBeforeAskingAgain(rejections: number): number | undefined {
  return rejections > systemRejectionsBorne ? undefined : Math.min(minute * 2 ** (rejections - 1), day);
}
