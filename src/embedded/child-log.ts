import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { logEntryLines } from './log-entry-lines.ts';

/** Takes the lines of one process: writes all to its log file, and passes plain text, warnings and errors to `log`. */
export function childLog(dataDir: string, name: string, log: (line: string) => void): (line: string) => void {
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, `${name.replaceAll(' ', '-')}.log`), { flags: 'a' });
  return (line) => {
    file.write(`${line}\n`);
    for (const shown of logEntryLines(line)) log(`${name} | ${shown}`);
  };
}
