import type { Command } from 'commander';
import { Option } from 'commander';
import type { ListRuns } from '../client.ts';
import { runStates } from '../schemas/rest.ts';
import { pageAt, readLimit } from './paging.ts';
import { connectionOptions, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { runPage, runTable } from './show-run.ts';
import { watchAndPrint } from './watch-and-print.ts';

/** `holdpoint runs …`: list, show, watch, history, message, cancel, retry. */
export function registerRuns(program: Command, io: RunIo): void {
  const runs = program.command('runs').description('list, watch and control runs');
  const forOne = (name: string, description: string) =>
    connectionOptions(runs.command(name).argument('<run>', "the run's id").description(description));

  const list = connectionOptions(runs.command('list').description('list runs, newest first'))
    .addOption(new Option('--state <state>', 'only runs in this state').choices(runStates))
    .option('--assistant <name>', 'only runs of this assistant')
    .option('--caller <name>', 'only runs that this caller started')
    .option('--limit <number>', 'runs per page, at most 200', '50')
    .option('--page-token <token>', 'token of the next page, from the previous one');
  list.action(() =>
    runAction(list, io, async ({ client, print, json }) => {
      const { state, assistant, caller, limit, pageToken } = list.opts<{ [name in keyof ListRuns]?: string }>();
      const query = { state: state as ListRuns['state'], assistant, caller, limit: readLimit(limit ?? ''), pageToken };
      const page = await pageAt(pageToken, client.runs.list(query));
      print(page, () => (page.runs.length === 0 ? 'No runs.' : runTable(page.runs)));
      if (!json && page.nextPageToken !== null) io.stderr.write(`More: --page-token ${page.nextPageToken}\n`);
    }),
  );

  const show = forOne('show', 'show the state of a run');
  show.action((id: string) =>
    runAction(show, io, async ({ client, print }) => {
      const run = await client.runs.get(id);
      print(run, () => runPage(run));
    }),
  );

  const watch = forOne('watch', 'watch a run until it ends; --json prints the run at every change, one line each');
  watch.action((id: string) =>
    runAction(watch, io, async (tools) => {
      await watchAndPrint(tools, id, (options) => tools.client.runs.events(id, options), { eachChange: true });
    }),
  );

  const history = forOne('history', 'export the history of a run for `holdpoint replay`: runs history RUN > FILE');
  history.action((id: string) =>
    runAction(history, io, async ({ client, print }) => {
      const exported = await client.runs.history(id);
      print(exported, () => JSON.stringify(exported, null, 2));
    }),
  );

  const message = forOne('message', 'send a message to an open run; the model gets it with the next turn')
    .argument('<text>', 'the message')
    .option('--supersede', 'withdraw open approvals instead of waiting for them')
    .option('--idempotency-key <key>', 'send the message once, however often the command is repeated with this key');
  message.action((id: string, text: string) =>
    runAction(message, io, async ({ client, print }) => {
      const { supersede = false, idempotencyKey } = message.opts<{ supersede?: boolean; idempotencyKey?: string }>();
      await client.runs.send(id, text, {
        whenWaiting: supersede ? 'supersede' : 'queue',
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      });
      print({ id, ordered: 'message' }, () =>
        supersede
          ? `Message sent to run ${id}. Its open approvals are withdrawn.`
          : `Message sent to run ${id}. The model gets it with the next turn.`,
      );
    }),
  );

  const cancel = forOne('cancel', 'cancel a run and withdraw its open approvals');
  cancel.action((id: string) =>
    runAction(cancel, io, async ({ client, print }) => {
      await client.runs.cancel(id);
      print({ id, ordered: 'cancel' }, () => `Cancelling run ${id}.`);
    }),
  );

  const retry = forOne('retry', 'resume a parked run');
  retry.action((id: string) =>
    runAction(retry, io, async ({ client, print }) => {
      await client.runs.retry(id);
      print({ id, ordered: 'retry' }, () => `Resuming run ${id}.`);
    }),
  );
}
