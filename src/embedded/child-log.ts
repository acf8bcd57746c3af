import { join } from 'node:path';
import { keepPrivate } from '@holdpoint/database/private-files';
import { createLogFile } from './log-file.ts';
import { logEntryLines } from './log-entry-lines.ts';

/**
 * Takes the lines of one process: writes all to its log file, and passes plain text, warnings and errors to `log`. While
 * the stack starts, `log` does not get that one part waits for another.
 */
export function childLog(
  dataDir: string,
  name: string,
  log: (line: string) => void,
  isStarting: () => boolean = () => false,
): (line: string) => void {
  const folder = join(dataDir, 'logs');
  keepPrivate(folder);
  const file = createLogFile(join(folder, `${name.replaceAll(' ', '-')}.log`), log);
  return (line) => {
    file.write(line);
    if (isStarting() && line.includes('"Waiting for ')) return;
    for (const shown of logEntryLines(line)) log(`${name} | ${shown}`);
  };
}
