import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The sources of the commit before this one in a folder of their own, with the packages that are installed here. Their
 * processes can be started. Undefined in a copy without a history.
 */
export function checkOutPreviousCommit(): { folder: string; remove(): void } | undefined {
  if (!existsInGit()) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-previous-'));
  const archive = execFileSync('git', ['archive', 'HEAD~1', 'src', 'packages', 'package.json'], {
    cwd: root,
    maxBuffer: 2 ** 28,
  });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const [installed, own] = [join(root, 'node_modules'), join(folder, 'node_modules')];
  mkdirSync(join(own, '@holdpoint'), { recursive: true });
  for (const name of readdirSync(installed))
    if (name !== '@holdpoint') symlinkSync(join(installed, name), join(own, name));
  for (const name of readdirSync(join(folder, 'packages')))
    symlinkSync(join(folder, 'packages', name), join(own, '@holdpoint', name));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function existsInGit(): boolean {
  try {
    execFileSync('git', ['rev-parse', 'HEAD~1'], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
