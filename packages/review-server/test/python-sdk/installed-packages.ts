import { execFile, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const pip = spawnSync('python3', ['-m', 'pip', '--version'], { encoding: 'utf8' });
// Its line ends in "(python 3.11)". Wheels differ by this version.
const [, python = '', minor = ''] = /\(python (3\.(\d+))\)/.exec(pip.stdout ?? '') ?? [];

/** True if Python packages can be installed here. */
export const pipIsInstalled = pip.status === 0;

/** True if CrewAI can be installed. It has releases for Python 3.10 to 3.13 only. */
export const crewAiIsAvailable = pipIsInstalled && Number(minor) >= 10 && Number(minor) <= 13;

const installing = new Map<string, Promise<string>>();

/**
 * The folder of these packages (names with a blank between), installed once.
 * @throws Error when pip fails, or the folder for all of them is not this user's alone.
 */
export function installedPackages(packages: string): Promise<string> {
  const folder =
    installing.get(packages) ?? install(packages, ownFolder(join(tmpdir(), `holdpoint-python-${userInfo().uid}`)));
  installing.set(packages, folder);
  return folder;
}

/**
 * A folder of this user that no other user can write to, created if missing. The temporary folder is shared, and the
 * files in this one are executed.
 * @throws Error if it belongs to another user.
 */
export function ownFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entry = lstatSync(folder);
  const isOurs =
    entry.isDirectory() &&
    (process.platform === 'win32' || (entry.uid === userInfo().uid && (entry.mode & 0o022) === 0));
  if (!isOurs)
    throw new Error(
      `Somebody else may have put something into ${folder}, which would be run. Look at it, remove it, and start again.`,
    );
  return folder;
}

/** Installs into a folder in `parent`, where the next run finds it: whole, or not at all. */
export async function install(packages: string, parent: string): Promise<string> {
  const folder = join(parent, `${python}-${packages.replaceAll('=', '').replaceAll(' ', '-')}`);
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(`${folder}-`);
  try {
    await promisify(execFile)(
      'python3',
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-compile',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '--no-warn-script-location',
        '--target',
        fresh,
        ...packages.split(' '),
      ],
      { maxBuffer: 16 * 1024 * 1024 },
    );
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // If the folder exists now, another run created it first.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
