/** A larger difference of two clocks is reported, in milliseconds. */
const longestDifferenceMs = 60_000;
/** A difference that stays is logged again after this time. */
const repeatMs = 3_600_000;

/** The difference between the clock of the review service and ours, in words. Undefined up to a minute. */
export function clockWarning(aheadMs: number | undefined): string | undefined {
  if (aheadMs === undefined || Math.abs(aheadMs) <= longestDifferenceMs) return undefined;
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  return `The clock of the review service is ${minutes} min ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of this machine. Set both by a time server (NTP).`;
}

/** A listener for the clock of the review service that calls `warn` once an hour while it differs. */
export function watchReviewClock(warn: (message: string) => void): (aheadMs: number) => void {
  let warnedAt: number | undefined;
  return (aheadMs) => {
    const warning = clockWarning(aheadMs);
    if (warning === undefined) warnedAt = undefined;
    else if (warnedAt === undefined || performance.now() - warnedAt > repeatMs) {
      warnedAt = performance.now();
      warn(warning);
    }
  };
}
