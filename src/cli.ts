import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { registerDev } from './cli/dev.ts';
import { registerDoctor } from './cli/doctor.ts';
import { registerInit } from './cli/init.ts';
import { registerProcesses } from './cli/processes.ts';
import { registerReplay } from './cli/replay.ts';
import { registerRunCommands } from './cli/run-commands.ts';
import { createRunIo } from './cli/run-io.ts';
import { loadEnvironmentFile, processEnvironment } from './config/environment.ts';
import { errorText, exitCodeOf, onOutputClosed, usageExitCode } from '@holdpoint/process';

/** The `holdpoint` command. */
const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
  description: string;
};

const program = new Command('holdpoint')
  .description(description)
  .version(version)
  // Not --env-file: Node takes that for itself wherever it stands.
  .option('--env <file>', 'read variables from a file, as .env; those that are set already stay')
  .showHelpAfterError('(holdpoint --help, and holdpoint COMMAND --help, say what there is.)')
  .exitOverride()
  .hook('preAction', () => {
    const { env } = program.opts<{ env?: string }>();
    if (env !== undefined) loadEnvironmentFile(env);
  });

// Whoever reads the output may have enough of it, as head does: that ends a command, quietly. What others need goes on.
onOutputClosed(() => process.exit());

registerDev(program);
registerRunCommands(program, createRunIo(processEnvironment(), process.cwd()));
registerReplay(program);
registerDoctor(program);
registerInit(program);
registerProcesses(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said it already; help and version are no failures.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : usageExitCode);
  process.stderr.write(`${errorText(error)}\n`);
  process.exit(exitCodeOf(error));
}
