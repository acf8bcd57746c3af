import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

/**
 * `holdpoint completion SHELL`: prints the script that completes commands and options in a shell. Register it last: it
 * knows the commands that are registered before it.
 */
export function registerCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' });
}
