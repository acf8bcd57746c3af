import { readFileSync } from 'node:fs';
import type { Environment } from './environment.ts';
import { settings } from './settings.ts';

/** Longest secret, in bytes. */
const longestSecret = 65_536;

/**
 * The variables that hold a secret. Each of them may be read from a file instead: `HOLDPOINT_SECRET_FILE` names the file
 * of `HOLDPOINT_SECRET`, as Docker's and Kubernetes' secrets want it.
 */
export const secretVariables: readonly string[] = [
  ...Object.values(settings).flatMap(({ variable, isSecret }) => (isSecret ? [variable] : [])),
  'TEMPORAL_API_KEY',
];

/** Name of the variable that has the path of a secret's file. */
export const fileVariableOf = (variable: string): string => `${variable}_FILE`;

/**
 * Sets the secrets whose files are named, for `variables`. The text of a file counts without one line break at its end.
 * @returns The environment, and a problem for each file that can't be read, is empty, or competes with its variable
 */
export function withSecretFiles(
  environment: Environment,
  variables: readonly string[] = secretVariables,
): { environment: Environment; problems: string[] } {
  const secrets: Record<string, string> = {};
  const problems: string[] = [];
  for (const variable of variables) {
    const name = fileVariableOf(variable);
    const file = environment[name];
    if (!file) continue;
    if (environment[variable]) {
      problems.push(`${variable} and ${name} are both set. Remove one of them.`);
      continue;
    }
    const read = readSecret(file);
    if ('problem' in read) problems.push(`${name}: the file ${file} ${read.problem}.`);
    else secrets[variable] = read.secret;
  }
  return { environment: { ...environment, ...secrets }, problems };
}

function readSecret(file: string): { secret: string } | { problem: string } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return { problem: `can't be read: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (bytes.length > longestSecret) return { problem: `has more than ${longestSecret} bytes, so it is no secret` };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { problem: 'is not UTF-8 text' };
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') return { problem: 'is empty' };
  return { secret };
}
