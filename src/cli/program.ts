import { Command } from 'commander';
import { loadEnvironmentFile } from '../config/environment.ts';
import { registerCompletion } from './completion.ts';
import { registerDeployment } from './deployment.ts';
import { registerDev } from './dev.ts';
import { registerDoctor } from './doctor.ts';
import { addHelpExamples } from './help-examples.ts';
import { registerInit } from './init.ts';
import { registerProcesses } from './processes.ts';
import { registerReplay } from './replay.ts';
import { registerRunCommands } from './run-commands.ts';
import type { RunIo } from './run-io.ts';

/** All commands of `holdpoint`. Errors of its usage are thrown as CommanderError. */
export function createProgram(about: { version: string; description: string }, io: RunIo): Command {
  const program = new Command('holdpoint')
    .description(about.description)
    .version(about.version)
    // Not --env-file: Node uses that option at any place of the command line.
    .option('--env <file>', 'read environment variables from a file; variables that are already set keep their values')
    .showHelpAfterError('(Help: holdpoint --help, holdpoint COMMAND --help)')
    .exitOverride()
    .hook('preAction', () => {
      const { env } = program.opts<{ env?: string }>();
      if (env !== undefined) loadEnvironmentFile(env);
    });
  registerDev(program);
  registerRunCommands(program, io);
  registerDeployment(program, io);
  registerReplay(program);
  registerDoctor(program);
  registerInit(program);
  registerProcesses(program);
  registerCompletion(program);
  addHelpExamples(program);
  return program;
}
