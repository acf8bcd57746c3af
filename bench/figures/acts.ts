import { existsSync, readFileSync } from 'node:fs';

/** One action of a tool, as an outside observer counts it. */
export type Act = { item: string; key: string };

/** All actions so far, read from a file that survives kill -9. */
export function actsIn(file: string): Act[] {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Act)
    : [];
}
