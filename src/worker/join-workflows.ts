import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundleOptions, WorkflowBundleOption } from '@temporalio/worker';
import { workflowsPath } from './workflow-bundle.ts';

const loader = fileURLToPath(new URL('join-workflows.cjs', import.meta.url));
/** The names that webpack tries for a folder. */
const indexFiles = ['index.ts', 'index.tsx', 'index.js', 'index.mjs', 'index.cjs', 'index.jsx'];

/**
 * Adds Holdpoint's Workflows to a bundle: a loader joins the exports of the user's file with ours. The file and its
 * folder stay as they are.
 * @throws TypeError for a path that names no file.
 */
export function joinWorkflows(options: BundleOptions): BundleOptions {
  const users = fileOf(options.workflowsPath);
  const ours = realpathSync(workflowsPath);
  if (users === ours) return options;
  const before = options.webpackConfigHook;
  return {
    ...options,
    // Ours keep no state, so all runs of a worker share them.
    preloadModules: [...(options.preloadModules ?? []), ours],
    webpackConfigHook: (config) => {
      const hooked = before ? before(config) : config;
      return {
        ...hooked,
        module: {
          ...hooked.module,
          rules: [
            ...(hooked.module?.rules ?? []),
            {
              resource: users,
              resourceQuery: { not: [/holdpoint-own/] },
              type: 'javascript/auto',
              use: [{ loader, options: { users, ours } }],
            },
          ],
        },
      };
    },
  };
}

/** @throws TypeError when a bundle was made without our Workflows: its runs would fail every Workflow Task. */
export function refuseForeignBundle(bundle: WorkflowBundleOption): void {
  const code = 'code' in bundle ? bundle.code : readFileSync(bundle.codePath, 'utf8');
  if (/\bholdpointReconcile["']?\s*:\s*(\(\)|function)/.test(code)) return;
  throw new TypeError(
    "HoldpointPlugin: the workflowBundle has no Workflows of Holdpoint. Give the plugin to bundleWorkflowCode({ plugins }) as well, or write `export * from 'holdpoint/workflows';` in your Workflow file, and bundle it again.",
  );
}

function fileOf(path: string): string {
  if (typeof path !== 'string')
    throw new TypeError('HoldpointPlugin: workflowsPath must be the path of a file or a folder.');
  if (!existsSync(path))
    throw new TypeError(
      `HoldpointPlugin: there is no file ${path}, which workflowsPath names. Write its ending, such as .ts.`,
    );
  const real = realpathSync(path);
  if (!statSync(real).isDirectory()) return real;
  const index = existsSync(join(real, 'package.json'))
    ? undefined
    : indexFiles.find((name) => existsSync(join(real, name)));
  if (index !== undefined) return realpathSync(join(real, index));
  throw new TypeError(
    `HoldpointPlugin: workflowsPath is the folder ${path}, which has no index file or has a package.json. Name the file of your Workflows.`,
  );
}
