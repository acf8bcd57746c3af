import type { Command } from 'commander';
import type { RunIo } from './run-io.ts';

/** `holdpoint deployment …`: versions of the workers in Temporal's Worker Deployments. */
export function registerDeployment(program: Command, io: RunIo): void {
  const deployment = program
    .command('deployment')
    .description('show and change which build of the workers takes new runs (workers with HOLDPOINT_BUILD_ID)');
  // Temporal's client is loaded when it is needed: the start of each other command would wait for it.
  const actions = () => import('./deployment-actions.ts');

  deployment
    .command('show')
    .description('show the builds, their open runs, and pinned runs that no worker can go on with')
    .option('--json', 'print JSON on standard output')
    .action(async ({ json }: JsonFlag) => (await actions()).showDeployment(io, { json }));

  deployment
    .command('promote')
    .argument('<build>', 'HOLDPOINT_BUILD_ID of workers that run')
    .description('make a build the one of new runs, and of waiting runs that upgrade at their next decision')
    .option('--json', 'print JSON on standard output')
    .action(async (buildId: string, { json }: JsonFlag) => (await actions()).promote(io, { buildId, json }));

  deployment
    .command('move')
    .argument('<build>', 'build whose pinned runs move')
    .description('move the pinned runs of a build to the current one; replay their histories against its code first')
    .option('--json', 'print JSON on standard output')
    .action(async (from: string, { json }: JsonFlag) => (await actions()).movePinned(io, { from, json }));
}

type JsonFlag = { json?: true };
