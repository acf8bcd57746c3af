import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { createRunIo } from './cli/run-io.ts';
import { processEnvironment } from './config/environment.ts';
import { errorText, exitCodeOf, onOutputClosed, usageExitCode } from '@holdpoint/process';

/** The `holdpoint` command. */
const about = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
  description: string;
};

// Exit quietly when standard output closes early (`holdpoint runs list | head`). `dev` overrides this.
onOutputClosed(() => process.exit());

try {
  await createProgram(about, createRunIo(processEnvironment(), process.cwd())).parseAsync();
} catch (error) {
  // Commander has printed the message. Help and version exit with 0.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : usageExitCode);
  process.stderr.write(`${errorText(error)}\n`);
  process.exit(exitCodeOf(error));
}
