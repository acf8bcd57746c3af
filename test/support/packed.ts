import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';
import { lock } from '../../src/embedded/file-lock.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The tarballs of one run of vitest. Its processes are children of one process. */
const folderOf = (vitest: number) => join(tmpdir(), `holdpoint-tarballs-${vitest}`);

/**
 * Packs a package of this repository as `npm publish` does, into the folder. Returns the tarball's path. Test files of one
 * run share the work, since each pack builds into the same `dist`.
 */
export async function packedTarball(name: 'holdpoint' | 'create-holdpoint', folder: string): Promise<string> {
  const shared = folderOf(process.ppid);
  mkdirSync(shared, { recursive: true });
  const packed = join(shared, `${name}.tgz`);
  const held = await lock(join(shared, 'lock'), () => undefined);
  try {
    if (!existsSync(packed)) {
      const workspace = name === 'holdpoint' ? [] : ['--workspace', name];
      const { stdout } = await run('npm', ['pack', '--json', ...workspace, '--pack-destination', shared], {
        cwd: root,
        env: userEnvironment(),
        maxBuffer: 50_000_000,
      });
      const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
      renameSync(join(shared, filename), packed);
    }
  } finally {
    held.release();
  }
  copyFileSync(packed, join(folder, `${name}.tgz`));
  return join(folder, `${name}.tgz`);
}

/** Called at the end of a run of vitest, in its process. */
export function removeTarballs(): void {
  rmSync(folderOf(process.pid), { recursive: true, force: true });
}

/** The environment of a user: without our settings, and without the programs of this repository on PATH. */
export function userEnvironment(): Record<string, string> {
  const user = environmentWithoutOurs(processEnvironment());
  // Without our own Node: a project brings one, as the launcher asks for where the machine's is too old.
  const path = (user['PATH'] ?? '')
    .split(delimiter)
    .filter((each) => !each.includes('node_modules'))
    .join(delimiter);
  return { ...user, PATH: path, NO_COLOR: '1' };
}
