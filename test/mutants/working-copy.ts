import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change } from './mutant.ts';

/** Built folders that git ignores and tests need. */
const built = ['packages/review-server/dist/inbox'];

/**
 * Copies the sources of a repository, with changes that are not committed. The libraries are links to those of the
 * repository. The links of its workspaces stay relative, so that the copy resolves its own packages.
 */
export function copyRepository(root: string, copy: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  for (const folder of built.filter((path) => existsSync(join(root, path))))
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  linkLibraries(join(root, 'node_modules'), join(copy, 'node_modules'));
}

function linkLibraries(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((each) => !each.startsWith('.vite') && each !== '.cache')) {
    const [source, link] = [join(from, name), join(to, name)];
    if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), link);
    else if (name.startsWith('@')) linkLibraries(source, link);
    else symlinkSync(source, link);
  }
}

/** Why the changes don't fit the sources. Undefined if each text occurs exactly once in its file. */
export function staleness(root: string, changes: readonly Change[]): string | undefined {
  for (const { file, find, replace } of changes) {
    if (!existsSync(join(root, file))) return `${file} does not exist`;
    const times = readFileSync(join(root, file), 'utf8').split(find).length - 1;
    if (times !== 1) return `${file} has ${times} times the text ${JSON.stringify(find)}, expected once`;
    if (find === replace) return `${file}: the replacement is the text itself`;
  }
  return undefined;
}

/** Applies the changes. @returns a function that restores the files. */
export function applyChanges(copy: string, changes: readonly Change[]): () => void {
  const before = new Map<string, string>();
  for (const { file, find, replace } of changes) {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    if (!before.has(path)) before.set(path, text);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}
