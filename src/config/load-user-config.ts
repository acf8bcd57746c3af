import { usageExitCode } from '@holdpoint/process';
import { existsSync } from 'node:fs';
import { createRequire, getCompileCacheDir } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { isHoldpointConfig } from '../assistant/define-config.ts';
import * as holdpoint from '../index.ts';
import { nearestFileAbove } from './nearest-file-above.ts';

export type LoadedUserConfig = {
  config: HoldpointConfig;
  /** Absolute paths to watch: the user's files that were loaded, and the tsconfig.json in force. */
  files: string[];
};

/** The user's config is missing, fails to load, or has the wrong export. The message names file and line. */
export class UserConfigError extends Error {
  override readonly name = 'UserConfigError';
  readonly exitCode = usageExitCode;
  readonly complete = true;
  /** The files that were loaded until the failure. A change in one of them may help. */
  readonly files: string[];
  readonly unready: { files: string[] };

  constructor(message: string, files: string[], options?: ErrorOptions) {
    super(message, options);
    this.files = files;
    this.unready = { files };
  }
}

/**
 * Loads a `holdpoint.config.ts`: ordinary TypeScript with enums, imports without extension, the path aliases of the
 * nearest tsconfig.json and top-level await, as an ES module or CommonJS. `import 'holdpoint'` resolves to this package.
 * @throws UserConfigError
 */
export async function loadUserConfig(path: string): Promise<LoadedUserConfig> {
  const file = resolve(path);
  if (!existsSync(file))
    throw new UserConfigError(
      `There is no config at ${file}. Make one with: npx holdpoint init. Or name yours with --config FILE (or HOLDPOINT_CONFIG).`,
      [file],
    );
  const tsconfig = nearestFileAbove('tsconfig.json', dirname(file));
  const compiled = getCompileCacheDir();
  const loader = createJiti(file, {
    fsCache: compiled === undefined ? false : join(compiled, 'config'),
    moduleCache: true,
    tsconfigPaths: tsconfig ?? false,
    virtualModules: { holdpoint },
  });
  // The loader stores modules in Node's cache. They are removed afterwards, so that a second load reads the files again.
  const { cache } = createRequire(import.meta.url);
  const before = new Set(Object.keys(cache));
  const loaded = () => [
    ...new Set([
      file,
      ...Object.keys(cache).filter((key) => !before.has(key) && !key.includes('/node_modules/')),
      ...(tsconfig === undefined ? [] : [tsconfig]),
    ]),
  ];
  try {
    // Without a default export the loader returns all exports.
    const exported = await loader.import(file, { default: true });
    if (!isHoldpointConfig(exported)) {
      throw new UserConfigError(
        `${file} must export a config: export default defineConfig({ assistants: […] }). Its export is ${describe(exported)}.`,
        loaded(),
      );
    }
    return { config: exported, files: loaded() };
  } catch (error) {
    if (error instanceof UserConfigError) throw error;
    throw new UserConfigError(explain(error, file), loaded(), { cause: error });
  } finally {
    for (const key of Object.keys(cache)) if (!before.has(key) && !key.includes('/node_modules/')) delete cache[key];
  }
}

function explain(error: unknown, file: string): string {
  if (!(error instanceof Error)) return `${file} can't be loaded: it throws ${describe(error)}.`;
  const message = error.message.split('\nRequire stack:')[0]?.trim() ?? '';
  const place = (error.stack ?? '')
    .match(/(?:\(|at |file:\/\/)(\/[^()\n]+:\d+:\d+)\)?$/gm)
    ?.map((frame) => frame.replace(/^(\(|at |file:\/\/)+/, '').replace(/\)$/, ''))
    .find((frame) => !frame.includes('/node_modules/') && !frame.includes(ownFolder));
  const where = place === undefined || message.includes(place) ? '' : `\n  at ${place}`;
  const shown = relative(process.cwd(), file);
  return `${shown.startsWith('..') ? file : shown} can't be loaded: ${error.name === 'Error' || message.startsWith(error.name) ? '' : `${error.name}: `}${message}${where}`;
}

/** The folder of Holdpoint's own code: `src` or `dist`. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object'
    ? `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'no keys'}`
    : `a ${typeof value}`;
}
