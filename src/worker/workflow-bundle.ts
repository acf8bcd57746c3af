import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { encodedFailuresPath } from '../adapters/temporal/data-converter.ts';

const inSource = import.meta.url.endsWith('.ts');
const here = fileURLToPath(new URL('..', import.meta.url));

/** Which bundle: `encodesFailures` for a data converter that encrypts failures. Both sides need the same converter. */
export type BundleKind = { encodesFailures?: boolean };

/** The bundle that `npm run build` makes for the package. */
export const prebuiltBundle = ({ encodesFailures = false }: BundleKind = {}): string =>
  join(here, encodesFailures ? 'workflows-encoded-failures.bundle.cjs' : 'workflows.bundle.cjs');

/** The entry of the Workflow code. */
export const workflowsPath = join(here, 'workflows', inSource ? 'index.ts' : 'index.js');

const bundles = new Map<boolean, Promise<{ codePath: string }>>();

/**
 * The Workflow code for a Worker or a replay. The package has it prebuilt. In a checkout it is bundled from source and
 * cached until the source changes.
 */
export async function workflowBundle({ encodesFailures = false }: BundleKind = {}): Promise<{ codePath: string }> {
  if (!inSource) return { codePath: prebuiltBundle({ encodesFailures }) };
  const bundle = bundles.get(encodesFailures) ?? bundleFromSource(encodesFailures);
  bundles.set(encodesFailures, bundle);
  return await bundle;
}

// Bundling takes seconds, which every start of a worker in a checkout would need.
async function bundleFromSource(encodesFailures: boolean): Promise<{ codePath: string }> {
  const folder = join(here, '..', 'node_modules', '.cache', 'holdpoint');
  const kind = encodesFailures ? 'workflows-encoded-failures' : 'workflows';
  const codePath = join(folder, `${kind}-${sourceDigest()}.cjs`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await makeWorkflowBundle({ encodesFailures });
  mkdirSync(folder, { recursive: true });
  const unfinished = `${codePath}.${process.pid}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, codePath);
  return { codePath };
}

/** Bundles the present Workflow code. Stack traces name files below the package, not below the folder of this machine. */
export async function makeWorkflowBundle({ encodesFailures = false }: BundleKind = {}): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // No module of ours keeps state, so all runs of a worker share one instance of each: otherwise each run in the cache
    // evaluates and holds its own.
    preloadModules: [workflowsPath],
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: (config) => ({
      ...config,
      output: { ...config.output, devtoolModuleFilenameTemplate: nameInStackTraces },
    }),
    ...(encodesFailures && { failureConverterPath: encodedFailuresPath }),
  });
  // The text of the generated entry has the path of `workflowsPath`.
  return {
    code: code.replace(/(?<=\n\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,).*/, (map) =>
      Buffer.from(Buffer.from(map, 'base64').toString().replaceAll(join(here, '../'), 'holdpoint/')).toString('base64'),
    ),
  };
}

/** `holdpoint/dist/workflows/run.js`, or `node_modules/@temporalio/workflow/src/workflow.ts`. */
function nameInStackTraces({ absoluteResourcePath: path }: { absoluteResourcePath: string }): string {
  const inModules = path.lastIndexOf('/node_modules/');
  const inPackage = relative(join(here, '..'), path);
  if (inModules !== -1 && !(inPackage.startsWith('dist/') || inPackage.startsWith('src/')))
    return path.slice(inModules + 1);
  return path.startsWith('/') ? `holdpoint/${inPackage}` : path;
}

function sourceDigest(): string {
  const digest = createHash('sha256');
  // Workflow code imports domain code, packages/json and Temporal's packages. The lock file stands for Temporal's.
  for (const file of globSync(
    [
      'workflows/**/*.ts',
      'domain/**/*.ts',
      'adapters/temporal/encoded-failures.cjs',
      '../packages/json/src/**/*.ts',
      '../package-lock.json',
      'worker/workflow-bundle.ts',
    ],
    { cwd: here },
  ).toSorted())
    digest.update(`${file}\0`).update(readFileSync(join(here, file)));
  return digest.digest('hex').slice(0, 16);
}
