import type { Command } from 'commander';
import { connectionOptions, parseJsonFlag, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { watchAndTell } from './watch-and-tell.ts';

type RunFlags = { assistant: string; detach?: boolean; id?: string; context?: string };

/** `holdpoint run TEXT`: starts a run and watches it. */
export function registerRun(program: Command, io: RunIo): void {
  const command = connectionOptions(program.command('run').argument('<text>', 'what the assistant is asked').description('start a run and watch it'))
    .requiredOption('--assistant <name>', 'an assistant of the config')
    .option('--detach', 'print the id and leave')
    .option('--id <id>', 'the run\'s id; the same id with the same request finds the run that exists')
    .option('--context <json>', 'reaches tools, policies and reviewers, never the model');
  command.action((input: string) => runAction(command, io, async (tools) => {
    const { assistant, detach, id, context } = command.opts<RunFlags>();
    const started = await tools.client.runs.create({ assistant, input, ...(id !== undefined && { id }), ...(context !== undefined && { context: parseJsonFlag('--context', context) }) });
    if (!started.started) io.stderr.write(`The run ${started.id} was started before.\n`);
    if (detach) tools.print(started.run, () => started.id);
    else await watchAndTell(tools, started.id, (options) => started.events(options));
  }));
}
