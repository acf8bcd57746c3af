import type { Command } from 'commander';
import { UsageError } from './connection.ts';
import { connectionOptions, parseJsonFlag, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { watchAndTell } from './watch-and-tell.ts';

type RunFlags = { assistant?: string; continueFrom?: string; detach?: boolean; id?: string; context?: string };

/** `holdpoint run TEXT`: starts a run and watches it. */
export function registerRun(program: Command, io: RunIo): void {
  const command = connectionOptions(
    program.command('run').argument('<text>', 'what the assistant is asked').description('start a run and watch it'),
  )
    .option('--assistant <name>', 'an assistant of the config; needed unless --continue-from names a run')
    .option(
      '--continue-from <run>',
      'a completed or failed run: this one goes on with its conversation and its assistant',
    )
    .option('--detach', 'print the id and leave')
    .option('--id <id>', "the run's id; the same id with the same request finds the run that exists")
    .option('--context <json>', 'reaches tools, policies and reviewers, never the model');
  command.action((input: string) =>
    runAction(command, io, async (tools) => {
      const { assistant, continueFrom, detach, id, context } = command.opts<RunFlags>();
      if (assistant === undefined && continueFrom === undefined)
        throw new UsageError('Say who is asked: --assistant NAME, or --continue-from RUN.');
      const started = await tools.client.runs.create({
        input,
        ...(assistant !== undefined && { assistant }),
        ...(continueFrom !== undefined && { continueFrom }),
        ...(id !== undefined && { id }),
        ...(context !== undefined && { context: parseJsonFlag('--context', context) }),
      });
      if (!started.started) io.stderr.write(`The run ${started.id} was started before.\n`);
      if (detach) tools.print(started.run, () => started.id);
      else await watchAndTell(tools, started.id, (options) => started.events(options));
    }),
  );
}
