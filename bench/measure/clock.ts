/**
 * Milliseconds of the machine's monotonic clock. All processes share it, so times of two processes can be subtracted.
 * `performance.now()` counts from the start of each process.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
