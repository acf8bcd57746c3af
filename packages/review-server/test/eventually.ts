import { setTimeout as pause } from 'node:timers/promises';

/** Polls until `look` returns a value. Fails after `withinMs` and names the awaited thing. */
export async function eventually<Found>(
  what: string,
  look: () => Promise<Found | undefined | false> | Found | undefined | false,
  withinMs = 30_000,
): Promise<Found> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain for: ${what}.`);
    await pause(20);
  }
}
