import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { setVariable } from '../config/environment.ts';
import { processFile } from '../embedded/node-process.ts';
import { resetPasskeys } from './reset-passkeys.ts';

/** `holdpoint worker`, `gateway` and `review-server`: one process each, for production. */
export function registerProcesses(program: Command): void {
  program
    .command('worker')
    .description('run a worker, which executes runs and your tools')
    .option('--config <file>', 'your config (default: HOLDPOINT_CONFIG, else holdpoint.config.ts)')
    .action(async ({ config }: { config?: string }) => {
      if (config !== undefined) setVariable('HOLDPOINT_CONFIG', config);
      await become('worker');
    });
  program
    .command('gateway')
    .description('run the gateway: REST API and callbacks')
    .action(() => become('gateway'));
  program
    .command('review-server')
    .description('run the review server: Cheqpoint-compatible API and inbox')
    .option(
      '--reset-passkeys <name>',
      'start no server: remove all passkeys of a user in its database and end their sessions, after the loss of a device',
    )
    .action(({ resetPasskeys: name }: { resetPasskeys?: string }) =>
      name === undefined ? become('review-server') : resetPasskeys(name),
    );
}

/** Turns this process into the named one, which also ends it. */
async function become(name: string): Promise<void> {
  await import(pathToFileURL(processFile(name)).href);
}
