import { InvalidArgumentError, type Command } from 'commander';
import type { DevFlags } from './dev-foreground.ts';

/** `holdpoint dev`: the whole stack on this machine, in the foreground. */
export function registerDev(program: Command): void {
  program
    .command('dev')
    .description(
      'run everything on this machine until Ctrl-C: Temporal, review server, gateway, worker, a stand-in for the model',
    )
    .option('--config <file>', 'your config (default: HOLDPOINT_CONFIG, else holdpoint.config.ts)')
    .option(
      '--data-dir <folder>',
      'where state and generated keys are kept (default: .holdpoint beside your package.json)',
    )
    .option('--ephemeral', 'keep nothing')
    .option(
      '--port-base <port>',
      'take this port and the four after it, instead of 7341-7343, 7233 and 8233',
      portNumber,
    )
    .option(
      '--temporal <address>',
      'use this Temporal server instead of the embedded one; TEMPORAL_* variables say more about it',
    )
    .option('--json', 'print one line of JSON when everything is up, and all else on standard error')
    .action(async (flags: DevFlags) => {
      const { dev } = await import('./dev-foreground.ts');
      await dev(flags);
    });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65_000)
    throw new InvalidArgumentError('It must be a number from 1024 to 65000.');
  return port;
}
