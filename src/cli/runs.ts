import type { Command } from 'commander';
import { Option } from 'commander';
import type { ListRuns } from '../client.ts';
import { runStates } from '../schemas/rest.ts';
import { UsageError } from './connection.ts';
import { pageAt, readLimit } from './paging.ts';
import { readTime } from './read-time.ts';
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
    .option('--since <time>', 'only runs that started since: 2026-11-30T08:00:00Z, or a span such as "2 days"')
    .option('--until <time>', 'only runs that started before this time')
    .option('--context <field=value>', 'only runs with this field in their context; repeatable', collected)
    .option('--text <text>', 'only runs with this text in id, input or context')
    .option('--limit <number>', 'runs per page, at most 200', '50')
    .option('--page-token <token>', 'token of the next page, from the previous one');
  list.action(() =>
    runAction(list, io, async ({ client, print, json }) => {
      const { since, until, limit, ...filter } = list.opts<Omit<ListRuns, 'limit'> & { limit: string }>();
      const query: ListRuns = {
        state: filter.state,
        assistant: filter.assistant,
        caller: filter.caller,
        since: since && readTime('--since', since),
        until: until && readTime('--until', until),
        context: filter.context,
        text: filter.text,
        limit: readLimit(limit),
        pageToken: filter.pageToken,
      };
      const { pageToken } = query;
      const page = await pageAt(pageToken, client.runs.list(query));
      print(page, () => (page.runs.length === 0 ? 'No runs.' : runTable(page.runs)));
      if (!json && page.nextPageToken !== null) io.stderr.write(`More: --page-token ${page.nextPageToken}\n`);
    }),
  );

  const show = forOne('show', 'show a run with its turns, calls and decisions').option(
    '--before <turn>',
    'show the turns before this one',
  );
  show.action((id: string) =>
    runAction(show, io, async ({ client, print }) => {
      const { before } = show.opts<{ before?: string }>();
      const run = await client.runs.get(id, before === undefined ? {} : { turnsBefore: readTurn(before) });
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

function collected(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** @throws UsageError unless it is a whole number from 1. */
function readTurn(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--before must be the number of a turn, not "${text}".`);
}
