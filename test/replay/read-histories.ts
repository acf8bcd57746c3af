import { readdir, readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';

const folder = new URL('./histories/', import.meta.url);

/** The folder of recorded histories. */
export const historyFile = (name: string): URL => new URL(`${name}.json`, folder);

/** The names of all recorded histories. */
export async function historyNames(): Promise<string[]> {
  return (await readdir(folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** One recorded history, as Temporal's own JSON. */
export async function readHistory(name: string) {
  return historyFromJSON(JSON.parse(await readFile(historyFile(name), 'utf8')));
}
