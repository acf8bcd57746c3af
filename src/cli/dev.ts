import { InvalidArgumentError, type Command } from 'commander';
import type { DevFlags } from './dev-foreground.ts';

/** `holdpoint dev`: the whole stack on this machine, in the foreground. */
export function registerDev(program: Command): void {
  program
    .command('dev')
    .description(
      'run the whole stack on this machine until Ctrl-C: Temporal, review server, gateway, worker, stand-in for the model',
    )
    .option('--config <file>', 'your config (default: HOLDPOINT_CONFIG, else holdpoint.config.ts)')
    .option('--data-dir <folder>', 'folder for state and generated keys (default: .holdpoint beside your package.json)')
    .option('--ephemeral', 'use a temporary data folder, removed on exit')
    .option(
      '--port-base <port>',
      'take this port and the four after it, instead of 7341-7343, 7233 and 8233',
      portNumber,
    )
    .option(
      '--temporal <address>',
      'use this Temporal server instead of the embedded one, with namespace, key and TLS from TEMPORAL_* variables',
    )
    .option('--link', 'print a new link that signs you in to the inbox of the running stack, and exit')
    .option('--variables', 'print the variables with which a Worker of yours joins the running stack, and exit')
    .option('--json', 'print one line of JSON on standard output when the stack is up')
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
