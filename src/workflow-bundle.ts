import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** The bundle that `npm run build` makes for the package. */
const prebuilt = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));

/** Where the Workflow code begins. */
export const workflowsPath = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './workflows/index.ts' : './workflows/index.js', import.meta.url));

let bundling: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The Workflow code as a Worker or a replay takes it: built with the package, or made now, once a process. */
export async function workflowBundle(): Promise<{ codePath: string } | { code: string }> {
  if (existsSync(prebuilt)) return { codePath: prebuilt };
  bundling ??= bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  return { code: (await bundling).code };
}
