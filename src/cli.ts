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
  // Not --env-file: Node uses that option at any place of the command line.
  .option('--env <file>', 'read environment variables from a file; variables that are already set keep their values')
  .showHelpAfterError('(Help: holdpoint --help, holdpoint COMMAND --help)')
  .exitOverride()
  .hook('preAction', () => {
    const { env } = program.opts<{ env?: string }>();
    if (env !== undefined) loadEnvironmentFile(env);
  });

// Exit quietly when standard output closes early (`holdpoint runs list | head`). `dev` overrides this.
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
  // Commander has printed the message. Help and version exit with 0.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : usageExitCode);
  process.stderr.write(`${errorText(error)}\n`);
  process.exit(exitCodeOf(error));
}
