/**
 * Starts a part that the test files of one process share, at first use. A part that did not start, or that is gone, costs
 * one file: the next one gets a new part.
 *
 * @param isAlive False once the part is gone.
 */
export function sharedPart<T>(start: () => Promise<T>, isAlive: (part: T) => boolean): () => Promise<T> {
  let started: Promise<T> | undefined;
  const startAgain = (): Promise<T> => {
    const starting = start();
    started = starting;
    starting.catch(() => {
      if (started === starting) started = undefined;
    });
    return starting;
  };
  return async () => {
    if (started === undefined) return await startAgain();
    const before = started;
    const part = await before;
    if (isAlive(part)) return part;
    // Several callers can see that it is gone.
    return await (started === before ? startAgain() : started);
  };
}
