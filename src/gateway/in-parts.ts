/**
 * Runs and requests read in parallel. A run costs two calls to Temporal and one to a worker, a request one call to the
 * review service.
 */
export const parallelReads = 10;

/** Does the work for each item, with at most `parallelReads` at a time. */
export async function inParts<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += parallelReads)
    results.push(...(await Promise.all(items.slice(start, start + parallelReads).map(work))));
  return results;
}
