import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A temporary copy of parts of the repository, for planted violations. */
export type PlantedCopy = {
  /** Runs a tool there. Returns its standard output for any exit code. */
  run(program: string, args: readonly string[]): Promise<string>;
  remove(): void;
};

/** Copies `paths`, then writes the planted files over them. */
export function plantedCopy(paths: readonly string[], planted: Readonly<Record<string, string>>): PlantedCopy {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdpoint-planted-')));
  for (const path of paths) cpSync(join(repository, path), join(folder, path), { recursive: true });
  linkPackages(folder);
  for (const [path, text] of Object.entries(planted)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return {
    run: (program, args) =>
      new Promise((resolve, reject) => {
        execFile(
          process.execPath,
          [join(repository, 'node_modules', program), ...args],
          { cwd: folder, maxBuffer: 200 * 1024 * 1024, timeout: 100_000 },
          (error, stdout, stderr) => {
            // These tools exit with 1 when they find a violation.
            if (error !== null && stdout === '')
              reject(new Error(`${program} found nothing to say: ${stderr}`, { cause: error }));
            else resolve(stdout);
          },
        );
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Links the installed packages. Workspaces link into the copy. */
function linkPackages(folder: string): void {
  const installed = join(repository, 'node_modules');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(installed))
    if (name !== '@holdpoint') symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  mkdirSync(join(folder, 'node_modules', '@holdpoint'));
  for (const name of readdirSync(join(installed, '@holdpoint')))
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules', '@holdpoint', name));
}
