import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Takes the lines of one process: writes all to its log file, and passes plain text, warnings and errors to `log`. */
export function childLog(dataDir: string, name: string, log: (line: string) => void): (line: string) => void {
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, `${name.replaceAll(' ', '-')}.log`), { flags: 'a' });
  return (line) => {
    file.write(`${line}\n`);
    const entry = parsed(line);
    if (entry === undefined) log(`${name} | ${line}`);
    // pino's levels: 40 is warn.
    else if (entry.level >= 40)
      log(
        `${name} | ${entry.level >= 50 ? 'error' : 'warning'}: ${entry.msg ?? line}${entry.err?.message === undefined ? '' : `: ${entry.err.message}`}`,
      );
  };
}

type Entry = { level: number; msg?: string; err?: { message?: string } };

function parsed(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line) as Partial<Entry>;
    return typeof entry.level === 'number' ? (entry as Entry) : undefined;
  } catch {
    return undefined;
  }
}
