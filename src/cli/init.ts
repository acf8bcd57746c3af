import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { ConfigError } from '../config/config-error.ts';

const example = fileURLToPath(new URL('../../examples/email-blast/', import.meta.url));

/** `holdpoint init`: a project to start from. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('copy the e-mail example into this folder, without overwriting files')
    .action(() => {
      const files = init(process.cwd());
      process.stdout.write(
        `${files.map((file) => `  ${file}`).join('\n')}\n\nNext:\n  npm install zod\n  npx holdpoint dev\n`,
      );
    });
}

/** Copies the example into `folder` and returns the names of its files. @throws ConfigError when one of them exists. */
function init(folder: string): string[] {
  const files = readdirSync(example);
  const there = files.filter((file) => existsSync(join(folder, file)));
  if (there.length > 0) throw new ConfigError([`${folder} already has ${there.join(', ')}. Use another folder.`]);
  cpSync(example, folder, { recursive: true });
  return files;
}
