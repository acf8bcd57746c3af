import type { Command } from 'commander';
import { Option } from 'commander';
import type { ListRuns } from '../client.ts';
import { runStates } from '../schemas/rest.ts';
import { connectionOptions, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { runPage, runTable } from './show-run.ts';
import { watchAndTell } from './watch-and-tell.ts';

/** `holdpoint runs …`: list, show, watch, message, cancel, retry. */
export function registerRuns(program: Command, io: RunIo): void {
  const runs = program.command('runs').description('look at runs, and order them about');
  const forOne = (name: string, description: string) =>
    connectionOptions(runs.command(name).argument('<run>', 'its id').description(description));

  const list = connectionOptions(runs.command('list').description('list runs, newest first'))
    .addOption(new Option('--state <state>', 'only runs in this state').choices(runStates))
    .option('--assistant <name>', 'only runs of this assistant')
    .option('--limit <number>', 'runs per page, at most 200', '50')
    .option('--page-token <token>', 'the next page, as the one before names it');
  list.action(() =>
    runAction(list, io, async ({ client, print, json }) => {
      const { state, assistant, limit, pageToken } = list.opts<{ [name in keyof ListRuns]?: string }>();
      const page = await client.runs.list({
        state: state as ListRuns['state'],
        assistant,
        limit: Number(limit),
        pageToken,
      });
      print(page, () => (page.runs.length === 0 ? 'No runs.' : runTable(page.runs)));
      if (!json && page.nextPageToken !== null) io.stderr.write(`More: --page-token ${page.nextPageToken}\n`);
    }),
  );

  const show = forOne('show', 'show a run as it is now');
  show.action((id: string) =>
    runAction(show, io, async ({ client, print }) => {
      const run = await client.runs.get(id);
      print(run, () => runPage(run));
    }),
  );

  const watch = forOne('watch', 'watch a run to its end; --json prints the run at every change, a line each');
  watch.action((id: string) =>
    runAction(watch, io, async (tools) => {
      await watchAndTell(tools, id, (options) => tools.client.runs.events(id, options), { eachChange: true });
    }),
  );

  const message = forOne('message', 'say something to an open run; the model is told with the next turn')
    .argument('<text>', 'what is said')
    .option('--supersede', 'do not wait for approvals that are open: they are withdrawn')
    .option('--idempotency-key <key>', 'the same key is the same message, however often it is sent');
  message.action((id: string, text: string) =>
    runAction(message, io, async ({ client, print }) => {
      const { supersede = false, idempotencyKey } = message.opts<{ supersede?: boolean; idempotencyKey?: string }>();
      await client.runs.send(id, text, {
        whenWaiting: supersede ? 'supersede' : 'queue',
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      });
      print(
        { id, ordered: 'message' },
        () => `The run ${id} is told${supersede ? '; approvals that are open are withdrawn' : ' with its next turn'}.`,
      );
    }),
  );

  const cancel = forOne('cancel', 'stop a run; what waits for a person is withdrawn');
  cancel.action((id: string) =>
    runAction(cancel, io, async ({ client, print }) => {
      await client.runs.cancel(id);
      print({ id, ordered: 'cancel' }, () => `The run ${id} is told to stop.`);
    }),
  );

  const retry = forOne('retry', 'let a parked run go on');
  retry.action((id: string) =>
    runAction(retry, io, async ({ client, print }) => {
      await client.runs.retry(id);
      print({ id, ordered: 'retry' }, () => `The run ${id} is told to go on.`);
    }),
  );
}
