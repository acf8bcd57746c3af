import { join } from 'node:path';
import { tryLock } from '../embedded/file-lock.ts';
import { readRunningStack, type StackFacts } from '../embedded/running-stack.ts';
import { CommandFailed } from './connection.ts';

/** The facts of the stack that runs with this data folder. @throws CommandFailed when none runs. */
export function runningDevStack(dataDir: string): StackFacts {
  const facts = readRunningStack(dataDir);
  // A killed stack leaves its facts behind, but no lock.
  const unlocked = facts && tryLock(join(dataDir, 'lock'));
  unlocked?.release();
  if (facts === undefined || unlocked !== undefined)
    throw new CommandFailed(
      `No stack runs with the data folder ${dataDir}. Start it: npx holdpoint dev. Or name its folder: --data-dir.`,
    );
  return facts;
}
