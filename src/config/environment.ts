import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';
import type { VariableName } from './settings.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. No other file of the product reads `process.env`. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Adds the variables of a file to the environment of this process. Variables that are already set keep their values.
 * @throws ConfigError when the file can't be read.
 */
export function loadEnvironmentFile(file: string): void {
  try {
    process.loadEnvFile(file);
  } catch (cause) {
    throw new ConfigError([`--env ${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`]);
  }
}

/** Sets a variable of this process, for a command-line option with the same meaning. */
export function setVariable(name: VariableName, value: string): void {
  process.env[name] = value;
}

/** The folders of this machine that matter to us: our cache, and those of PATH. */
export function machinePaths(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): { cache: string; programs: string[] } {
  const home = environment['HOME'] ?? homedir();
  const cache =
    environment['XDG_CACHE_HOME'] || (platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache'));
  return {
    cache: join(cache, 'holdpoint'),
    programs: (environment['PATH'] ?? '').split(':').filter((folder) => folder !== ''),
  };
}

/** The environment for a user's own code: without the variables of Holdpoint, OpenAI, Cheqpoint and Temporal. */
export function environmentWithoutOurs(environment: Environment): Record<string, string> {
  const ours = /^(HOLDPOINT|CHEQPOINT|OPENAI|TEMPORAL)_/;
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !ours.test(entry[0]),
    ),
  );
}

/** The values of the variables whose names say that they hold a secret: `STRIPE_API_KEY`, `MAIL_PASSWORD`. */
export function secretsOf(environment: Environment): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i.test(name) ? [value] : [],
  );
}
