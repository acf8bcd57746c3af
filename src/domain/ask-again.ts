const minute = 60_000;
const day = 24 * 60 * minute;
/** Rejections by the hosted service without a person, before the call parks. */
export const maxSystemRejections = 30;

/**
 * Milliseconds until a request that the service rejected without a person is made again: one minute, two, four, up to a
 * day. Undefined after too many rejections.
 */
export function pauseBeforeAskingAgain(rejections: number): number | undefined {
  return rejections > maxSystemRejections ? undefined : Math.min(minute * 2 ** (rejections - 1), day);
}
