import type { Command } from 'commander';
import { processEnvironment } from '../config/environment.ts';
import { registerApiKeys } from './api-keys.ts';
import { registerApprovals } from './approvals.ts';
import { registerAudit } from './audit.ts';
import { registerKeys } from './keys.ts';
import { registerRemovals } from './removals.ts';
import { registerRules } from './rules.ts';
import { registerRun } from './run.ts';
import { createRunIo, type RunIo } from './run-io.ts';
import { registerRuns } from './runs.ts';
import { registerUsage } from './usage.ts';
import { registerUsers } from './users.ts';

/** Adds `run`, `runs …`, `usage`, `approvals …`, `keys …`, `api-keys …`, `rules …`, `users …`, `audit …`, `purge` and `erase` to the command line. They set the exit code by `io`, and throw only on bugs. */
export function registerRunCommands(
  program: Command,
  io: RunIo = createRunIo(processEnvironment(), process.cwd()),
): void {
  registerRun(program, io);
  registerRuns(program, io);
  registerUsage(program, io);
  registerApprovals(program, io);
  registerKeys(program, io);
  registerApiKeys(program, io);
  registerRules(program, io);
  registerUsers(program, io);
  registerAudit(program, io);
  registerRemovals(program, io);
}
