/**
 * Builds dist: JavaScript and types of src and of the packages, the inbox, the Workflow bundle, and the files that are
 * read at run time. `npm run build`; npm runs it before it packs.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as WorkflowBundle from '../src/worker/workflow-bundle.ts';
import { buildPrograms } from './build-programs.ts';
import { importPath } from './import-path.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

await import('../packages/review-server/scripts/build-inbox.ts');
execFileSync('npm', ['run', '-s', 'build', '--workspace', 'packages/client'], { cwd: root, stdio: 'inherit' });

// src/x becomes dist/x, and packages/p/src/x becomes dist/packages/p/src/x: relative paths hold in both.
const emitted = mkdtempSync(join(root, '.build-'));
try {
  execFileSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json'), '--outDir', emitted], {
    stdio: 'inherit',
  });
  for (const file of globSync(['src/**/*', 'packages/*/src/**/*'], { cwd: root, withFileTypes: true })) {
    const path = relative(root, join(file.parentPath, file.name));
    // TypeScript leaves pages, styles, SQL and the like where they are.
    if (file.isFile() && !file.name.endsWith('.ts')) cpSync(join(root, path), join(emitted, path));
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(join(emitted, 'src'), dist);
  renameSync(join(emitted, 'packages'), join(dist, 'packages'));
} finally {
  rmSync(emitted, { recursive: true, force: true });
}
for (const built of [
  'packages/review-server/dist/inbox',
  'packages/client/dist',
  'packages/create-holdpoint/templates',
])
  cpSync(join(root, built), join(dist, built), { recursive: true });
// The client's own build serves `import` and `require`.
rmSync(join(dist, 'packages/client/src'), { recursive: true });
pointAtPackages();

const { makeWorkflowBundle, prebuiltBundle } = (await import(
  pathToFileURL(join(dist, 'worker/workflow-bundle.js')).href
)) as typeof WorkflowBundle;
for (const encodesFailures of [false, true]) {
  const { code } = await makeWorkflowBundle({ encodesFailures });
  writeFileSync(prebuiltBundle({ encodesFailures }), code);
}

await buildPrograms(dist);

/** The tarball holds the packages, so its files import them by path. */
function pointAtPackages(): void {
  const entries = new Map<string, string>();
  for (const manifest of globSync('packages/*/package.json', { cwd: root })) {
    const { name, version, exports } = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as {
      name: string;
      version: string;
      exports: Record<string, string | { import: { default: string } } | { 'holdpoint-source': string }>;
    };
    // TypeScript emits the manifest of a package that reads its own version. Its entries name sources.
    const emittedManifest = join(dist, manifest);
    if (existsSync(emittedManifest)) writeFileSync(emittedManifest, JSON.stringify({ name, version, type: 'module' }));
    for (const [subpath, target] of Object.entries(exports)) {
      const file =
        typeof target === 'object' && 'import' in target
          ? target.import.default
          : (typeof target === 'string' ? target : target['holdpoint-source']).replace(/\.ts$/, '.js');
      entries.set(name + subpath.slice(1), join(dist, dirname(manifest), file));
    }
  }
  for (const file of globSync(['**/*.js', '**/*.d.ts'], { cwd: dist })) {
    const path = join(dist, file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(
      /(['"])(@holdpoint\/[\w/-]+|create-holdpoint)\1/g,
      (_, quote: string, specifier: string) => {
        const entry = entries.get(specifier);
        if (entry === undefined) throw new Error(`${file} imports ${specifier}, which no package exports.`);
        return `${quote}${importPath(dirname(path), entry)}${quote}`;
      },
    );
    if (after !== before) writeFileSync(path, after);
  }
}
