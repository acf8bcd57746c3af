/**
 * Reads at most every `everyMs`, also when the read fails. Calls in between, and calls during a read, share its result. For
 * gauges whose value costs a query: several scrapers cost no more than one.
 */
export function atMostEvery<T>(
  everyMs: number,
  read: () => Promise<T>,
  now: () => number = Date.now,
): () => Promise<T> {
  let last: { at: number; result: Promise<T> } | undefined;
  return () => {
    const at = now();
    // A clock that was set back must not keep an old value for long.
    if (last === undefined || at - last.at >= everyMs || at < last.at) {
      last = { at, result: read() };
      last.result.catch(() => undefined);
    }
    return last.result;
  };
}
