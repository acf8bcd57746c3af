import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** Held until `release`, or until this process ends, however it ends. */
export type FileLock = { release(): void };

/**
 * Takes the lock of a file; undefined when another process has it.
 * The operating system drops SQLite's lock with the process, so a killed holder leaves nothing behind to clean up.
 */
export function tryLock(file: string): FileLock | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('begin exclusive');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/.test(error.message)) return undefined;
    throw error;
  }
}

/** Waits for the lock of a file, and calls `onWait` once if that takes time. */
export async function lock(file: string, onWait: () => void): Promise<FileLock> {
  for (let tries = 0; ; tries += 1) {
    const held = tryLock(file);
    if (held !== undefined) return held;
    if (tries === 1) onWait();
    await sleep(100);
  }
}
