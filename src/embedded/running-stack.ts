import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nearestFileAbove } from '../config/nearest-file-above.ts';

/** What `holdpoint dev --json` prints when everything is up. All keys in it are generated and local. */
export type StackFacts = {
  temporal: { address: string; namespace: string; ui: string | null };
  gateway: { url: string; apiKey: string };
  /** With hosted Cheqpoint: its address, and null for everything that is not ours. */
  reviewServer: { url: string; connectionKey: string | null; inbox: string | null; reviewerToken: string | null };
  openai: { baseURL: string; standIn: boolean };
  worker: { taskQueue: string };
  dataDir: string;
};

/** The default data folder of `holdpoint dev`: `.holdpoint` beside the nearest package.json, else in `folder`. */
export function defaultDataDir(folder: string): string {
  const manifest = nearestFileAbove('package.json', folder);
  return join(manifest === undefined ? folder : dirname(manifest), '.holdpoint');
}

const fileOf = (dataDir: string) => join(dataDir, 'running.json');

/** Leaves a note for other commands on this machine. */
export function writeRunningStack(facts: StackFacts): void {
  const file = fileOf(facts.dataDir);
  writeFileSync(`${file}.new`, `${JSON.stringify(facts)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Takes the note away. */
export function removeRunningStack(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}

/** The stack that `holdpoint dev` runs with this data folder; undefined when it runs none. It may have been killed since. */
export function readRunningStack(dataDir: string): StackFacts | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as StackFacts;
  } catch {
    return undefined;
  }
}
