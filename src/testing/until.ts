import { setTimeout as pause } from 'node:timers/promises';

/** How often it looks, in milliseconds. */
const everyMs = 20;

/**
 * Waits until `read` returns a value.
 * @throws Error that names what was waited for, with the sentence of `state`, after `patienceMs`.
 */
export async function until<T>(
  what: string,
  read: () => Promise<T | undefined>,
  { patienceMs, state }: { patienceMs: number; state?: () => Promise<string> },
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline)
      throw new Error(`${what} did not come within ${patienceMs / 1000} seconds. ${(await state?.()) ?? ''}`.trim());
    await pause(everyMs);
  }
}
