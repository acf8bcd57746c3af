import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtInSqlite } from '@holdpoint/database/built-in-sqlite';
import { makePrivateFile, makePrivateFolder } from '@holdpoint/database/private-files';

/** Held until `release`, or until this process ends, even by SIGKILL. */
export type FileLock = { release(): void };

/**
 * Takes the lock of a file. Undefined when another process has it. It is a lock of SQLite, which the operating system
 * releases with the process, so a killed holder leaves no stale lock.
 */
export function tryLock(file: string): FileLock | undefined {
  makePrivateFolder(dirname(file));
  makePrivateFile(file);
  const { DatabaseSync } = builtInSqlite();
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

/** Waits for the lock of a file. Calls `onWait` once when it is taken. */
export async function lock(file: string, onWait: () => void): Promise<FileLock> {
  for (let tries = 0; ; tries += 1) {
    const held = tryLock(file);
    if (held !== undefined) return held;
    if (tries === 1) onWait();
    await sleep(100);
  }
}
