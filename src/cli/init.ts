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
    .description('copy the e-mail example into this folder; nothing is overwritten')
    .action(() => {
      const files = init(process.cwd());
      process.stdout.write(
        `${files.map((file) => `  ${file}`).join('\n')}\n\nNext: npm install zod, then: npx holdpoint dev\n`,
      );
    });
}

/** Copies the example into `folder`; answers with what it wrote. @throws ConfigError when something of that name is there. */
function init(folder: string): string[] {
  const files = readdirSync(example);
  const there = files.filter((file) => existsSync(join(folder, file)));
  if (there.length > 0)
    throw new ConfigError([
      `${folder} has ${there.join(', ')} already, and nothing is overwritten. Use another folder.`,
    ]);
  cpSync(example, folder, { recursive: true });
  return files;
}
