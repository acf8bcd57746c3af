import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const inSource = import.meta.url.endsWith('.ts');
const here = fileURLToPath(new URL('..', import.meta.url));

/** The bundle that `npm run build` makes for the package. */
export const prebuiltBundle = join(here, 'workflows.bundle.cjs');

/** The entry of the Workflow code. */
export const workflowsPath = join(here, 'workflows', inSource ? 'index.ts' : 'index.js');

let bundle: Promise<{ codePath: string }> | undefined;

/**
 * The Workflow code for a Worker or a replay. The package has it prebuilt. In a checkout it is bundled from source and
 * cached until the source changes.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  if (!inSource) return { codePath: prebuiltBundle };
  bundle ??= bundleFromSource();
  return await bundle;
}

// Bundling takes seconds, which every start of a worker in a checkout would need.
async function bundleFromSource(): Promise<{ codePath: string }> {
  const folder = join(here, '..', 'node_modules', '.cache', 'holdpoint');
  const codePath = join(folder, `workflows-${sourceDigest()}.cjs`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await makeWorkflowBundle();
  mkdirSync(folder, { recursive: true });
  const unfinished = `${codePath}.${process.pid}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, codePath);
  return { codePath };
}

/** Bundles the present Workflow code. */
export async function makeWorkflowBundle(): Promise<{ code: string }> {
  return await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
}

function sourceDigest(): string {
  const digest = createHash('sha256');
  // Workflow code imports domain code, packages/json and Temporal's packages. The lock file stands for Temporal's.
  for (const file of globSync(
    ['workflows/**/*.ts', 'domain/**/*.ts', '../packages/json/src/**/*.ts', '../package-lock.json'],
    {
      cwd: here,
    },
  ).toSorted())
    digest.update(`${file}\0`).update(readFileSync(join(here, file)));
  return digest.digest('hex').slice(0, 16);
}
