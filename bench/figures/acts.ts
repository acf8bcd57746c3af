import { existsSync, readFileSync } from 'node:fs';

/** A tool's action, as the outside world saw it. */
export type Act = { item: string; key: string };

/** All actions so far, from the file that outlives the processes. */
export function actsIn(file: string): Act[] {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Act)
    : [];
}
