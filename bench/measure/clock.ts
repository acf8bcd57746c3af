/**
 * Milliseconds of the machine's monotonic clock. All processes of one machine read the same one, so that moments in two
 * of them can be subtracted; `performance.now()` counts from the start of each process.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
