import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { createProject, exampleNames, nextSteps, ProjectError } from 'create-holdpoint';
import { ConfigError } from '../config/config-error.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

/** `holdpoint init`: a project to start from. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write a project to start from: an assistant, a tool, tests, CI and a Dockerfile')
    .argument('[folder]', 'an existing or a new folder', '.')
    .option('--example <name>', `the example to start from: ${exampleNames(examples).join(', ')}`, 'refund')
    .action((folder: string, { example }: { example: string }) => {
      try {
        const created = createProject({ folder: resolve(folder), example, examples });
        process.stdout.write(nextSteps(created));
      } catch (error) {
        if (error instanceof ProjectError) throw new ConfigError([error.message]);
        throw error;
      }
    });
}
