import { makeSignInToken } from '@holdpoint/review-server/contract';
import { devKeys } from '../embedded/dev-keys.ts';
import { CommandFailed } from './connection.ts';
import { runningDevStack } from './running-dev-stack.ts';

/** Prints a new one-time link to the inbox of the stack with this data folder. @throws CommandFailed when none runs. */
export function printSignInLink(dataDir: string): void {
  const { reviewServer } = runningDevStack(dataDir);
  if (reviewServer.inbox === null)
    throw new CommandFailed(`This stack has no inbox: people decide at ${reviewServer.url}.`);
  process.stdout.write(`${reviewServer.inbox}login?token=${makeSignInToken(devKeys(dataDir).sessionSecret)}\n`);
}
