/** Builds dist: JavaScript and types of src, the inbox, the Workflow bundle, and the files that are read at run time. `npm run build`; npm runs it before it packs. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as WorkflowBundle from '../src/workflow-bundle.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');
const inboxSources = join(root, 'src/review-server/inbox/app/');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// The inbox stays: it is built anew only when its sources changed, and a server may be about to read it.
for (const name of existsSync(dist) ? readdirSync(dist) : [])
  if (name !== 'inbox') rmSync(join(dist, name), { recursive: true, force: true });
await import('./build-inbox.ts');
execFileSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });

// What TypeScript leaves where it is: pages, styles, SQL and the like.
for (const file of globSync('src/**/*', { cwd: root, withFileTypes: true })) {
  const path = join(file.parentPath, file.name);
  if (!file.isFile() || file.name.endsWith('.ts') || path.startsWith(inboxSources)) continue;
  cpSync(path, path.replace(join(root, 'src'), dist));
}

const { makeWorkflowBundle, prebuiltBundle } = (await import(
  pathToFileURL(join(dist, 'workflow-bundle.js')).href
)) as typeof WorkflowBundle;
const { code } = await makeWorkflowBundle();
writeFileSync(prebuiltBundle, code);
