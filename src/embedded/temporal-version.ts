import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isOlder } from '../adapters/temporal/older-version.ts';

const run = promisify(execFile);

/** The oldest `temporal` program whose dev server has what Runs need (server 1.28). */
const oldest = { major: 1, minor: 4 };

/**
 * The version of a `temporal` program, from `temporal --version`.
 * @throws Error when it can't be run, is another program, or is too old.
 */
export async function temporalVersion(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { timeout: 60_000 });
  const [, version] = /^temporal version (\d+\.\d+\S*)/.exec(stdout) ?? [];
  if (version === undefined)
    throw new Error(`it is not the Temporal CLI (--version says ${JSON.stringify(stdout.slice(0, 80))})`);
  if (isOlder(version, oldest))
    throw new Error(`it is version ${version}, which is too old: ${oldest.major}.${oldest.minor} or newer is needed`);
  return version;
}
