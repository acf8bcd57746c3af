import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

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

/** Where `holdpoint dev` keeps its state unless told otherwise: `.holdpoint` beside the nearest package.json. */
export function defaultDataDir(folder: string): string {
  const above = (candidate: string): string | undefined =>
    existsSync(join(candidate, 'package.json'))
      ? candidate
      : dirname(candidate) === candidate
        ? undefined
        : above(dirname(candidate));
  return join(above(folder) ?? folder, '.holdpoint');
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
