import { join } from 'node:path';
import { makeSignInToken } from '@holdpoint/review-server/contract';
import { devKeys } from '../embedded/dev-keys.ts';
import { tryLock } from '../embedded/file-lock.ts';
import { readRunningStack } from '../embedded/running-stack.ts';
import { CommandFailed } from './connection.ts';

/** Prints a new one-time link to the inbox of the stack with this data folder. @throws CommandFailed when none runs. */
export function printSignInLink(dataDir: string): void {
  const facts = readRunningStack(dataDir);
  // A killed stack leaves its facts behind, but no lock.
  const unlocked = facts && tryLock(join(dataDir, 'lock'));
  unlocked?.release();
  if (facts === undefined || unlocked !== undefined)
    throw new CommandFailed(
      `No stack runs with the data folder ${dataDir}. Start it: npx holdpoint dev. Or name its folder: --data-dir.`,
    );
  const { inbox } = facts.reviewServer;
  if (inbox === null) throw new CommandFailed(`This stack has no inbox: people decide at ${facts.reviewServer.url}.`);
  process.stdout.write(`${inbox}login?token=${makeSignInToken(devKeys(dataDir).sessionSecret)}\n`);
}
