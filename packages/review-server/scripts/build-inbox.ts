/**
 * Builds the reviewers' web application into dist/inbox of this package. `npm install` runs it in a clone, `npm run build` too, and
 * `npm run build:inbox` alone. Where nothing changed since the last build it is done at once.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');
const inbox = join(dist, 'inbox');
const stamp = join(inbox, 'built-from');

const sources = [
  'inbox/**/*',
  'src/contract/*.ts',
  '../json/src/*.ts',
  'scripts/build-inbox.ts',
  'vite.config.ts',
  '../../package-lock.json',
];
const digest = createHash('sha256');
for (const file of globSync(sources, { cwd: root, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))
  .toSorted()) {
  digest.update(file.slice(root.length)).update(readFileSync(file));
}
const builtFrom = digest.digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== builtFrom) {
  // In a test run it is `test`, and React would be its development build.
  const mode = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  mkdirSync(dist, { recursive: true });
  const folder = mkdtempSync(join(dist, '.inbox-'));
  try {
    await build({
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: join(folder, 'new') },
    });
    writeFileSync(join(folder, 'new', 'built-from'), builtFrom);
    // A server that starts in this moment finds one of the two, whole.
    if (existsSync(inbox)) renameSync(inbox, join(folder, 'old'));
    renameSync(join(folder, 'new'), inbox);
  } finally {
    if (mode === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = mode;
    rmSync(folder, { recursive: true, force: true });
  }
}
