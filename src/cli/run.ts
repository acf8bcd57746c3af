import type { Command } from 'commander';
import { UsageError } from './connection.ts';
import { connectionOptions, parseJsonFlag, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { watchAndPrint } from './watch-and-print.ts';

type RunFlags = { assistant?: string; continueFrom?: string; detach?: boolean; id?: string; context?: string };

/** `holdpoint run TEXT`: starts a run and watches it. */
export function registerRun(program: Command, io: RunIo): void {
  const command = connectionOptions(
    program.command('run').argument('<text>', 'message to the assistant').description('start a run and watch it'),
  )
    .option('--assistant <name>', 'an assistant of the config; required without --continue-from')
    .option('--continue-from <run>', 'continue the conversation of a completed or failed run, with its assistant')
    .option('--detach', "print the run's id and exit")
    .option('--id <id>', "the run's id; the same id with the same request finds the existing run")
    .option('--context <json>', 'JSON for tools, policies and reviewers; the model never gets it');
  command.action((input: string) =>
    runAction(command, io, async (tools) => {
      const { assistant, continueFrom, detach, id, context } = command.opts<RunFlags>();
      if (assistant === undefined && continueFrom === undefined)
        throw new UsageError('Choose an assistant with --assistant NAME, or a run with --continue-from RUN.');
      const started = await tools.client.runs.create({
        input,
        ...(assistant !== undefined && { assistant }),
        ...(continueFrom !== undefined && { continueFrom }),
        ...(id !== undefined && { id }),
        ...(context !== undefined && { context: parseJsonFlag('--context', context) }),
      });
      if (!started.started) io.stderr.write(`Found run ${started.id}, which was started before.\n`);
      if (detach) tools.print(started.run, () => started.id);
      else await watchAndPrint(tools, started.id, (options) => started.events(options));
    }),
  );
}
