import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';

/** Rights of the other users of this machine. */
const others = 0o077;

/** Creates the folder, with missing ones above it, for this user only. A folder that exists stays as it is. */
export function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

/** Creates the file if it is missing. Takes the access of other users away, and says so if they had it. */
export function makePrivateFile(file: string): void {
  if (existsSync(file)) return keepPrivate(file);
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/** Takes the access of other users to a file or folder away, if it exists, and says so if they had it. */
export function keepPrivate(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  // A pipe or a terminal holds no data.
  if (found === undefined || !(found.isFile() || found.isDirectory()) || (found.mode & others) === 0) return;
  const before = (found.mode & 0o777).toString(8).padStart(4, '0');
  try {
    chmodSync(path, found.mode & 0o700);
    process.emitWarning(
      `Other users of this machine had access to ${path} (mode ${before}). Only its owner has it now.`,
    );
  } catch {
    // Another user's file, or a file system without modes.
    process.emitWarning(`Other users of this machine have access to ${path} (mode ${before}). Change its mode.`);
  }
}
