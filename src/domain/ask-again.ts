const minute = 60_000;
const day = 24 * 60 * minute;
/** Rejections by the hosted service on its own before the call parks. */
export const systemRejectionsBorne = 30;

/**
 * Milliseconds until a request that the service rejected on its own is made again: one minute, two, four, up to a day.
 * Undefined after too many rejections.
 */
export function pauseBeforeAskingAgain(rejections: number): number | undefined {
  return rejections > systemRejectionsBorne ? undefined : Math.min(minute * 2 ** (rejections - 1), day);
}
