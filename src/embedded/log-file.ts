import { createWriteStream, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { makePrivateFile, makePrivateFolder } from '@holdpoint/database/private-files';

/** A file of log lines that outlives a full disk: it drops lines while they can't be written, and then goes on. */
export type LogFile = { write: (line: string) => void };

const tryAgainMs = 1000;

/** Appends to a file. `log` takes one line when writing fails, and one when it works again. */
export function createLogFile(file: string, log: (line: string) => void): LogFile {
  let stream: WriteStream | undefined;
  let failedAt: number | undefined;
  let dropped = 0;
  const failed = (error: Error) => {
    stream = undefined;
    if (failedAt === undefined)
      log(`${file} can't be written: ${error.message}. Holdpoint goes on without it, and tries again every second.`);
    failedAt = performance.now();
  };
  const open = () => {
    makePrivateFolder(dirname(file));
    makePrivateFile(file);
    return createWriteStream(file, { flags: 'a' }).on('error', failed);
  };
  const worked = () => {
    if (failedAt === undefined) return;
    failedAt = undefined;
    log(`${file} can be written again. ${dropped} lines are missing.`);
    dropped = 0;
  };
  return {
    write(line) {
      const rests = stream === undefined && failedAt !== undefined && performance.now() - failedAt < tryAgainMs;
      if (rests) return void (dropped += 1);
      try {
        stream ??= open();
        stream.write(`${line}\n`, (error) => (error ? (dropped += 1) : worked()));
      } catch (error) {
        dropped += 1;
        failed(error as Error);
      }
    },
  };
}
