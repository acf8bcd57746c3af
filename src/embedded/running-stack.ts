import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nearestFileAbove } from '../config/nearest-file-above.ts';

/** The document of `holdpoint dev --json`. Its keys are generated for this machine. */
export type StackFacts = {
  temporal: { address: string; namespace: string; ui: string | null };
  gateway: { url: string; apiKey: string };
  /** With hosted Cheqpoint: its address, and null elsewhere. */
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

/** Writes the facts of the stack for other commands on this machine. */
export function writeRunningStack(facts: StackFacts): void {
  const file = fileOf(facts.dataDir);
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(facts)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Removes the facts. */
export function removeRunningStack(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}

/** The facts of the stack with this data folder. Undefined when there is none. The stack may have been killed since. */
export function readRunningStack(dataDir: string): StackFacts | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as StackFacts;
  } catch {
    return undefined;
  }
}
