import type { Command } from 'commander';
import type { ConnectionKey, NewKey } from '@holdpoint/review-server/contract';
import { durationMs } from '../schemas/duration.ts';
import { adminAction, adminOptions, type AdminTools } from './admin-action.ts';
import { UsageError } from './connection.ts';
import type { RunIo } from './run-io.ts';
import { plain } from './plain.ts';
import { table } from './table.ts';

/** `holdpoint keys …`: list, create, rotate, revoke Connection Keys of the review server. */
export function registerKeys(program: Command, io: RunIo): void {
  const keys = program
    .command('keys')
    .description("manage the assistants' Connection Keys at Holdpoint's review server");

  const list = adminOptions(keys.command('list').description('list keys, newest first')).option(
    '--assistant <name>',
    'only keys of this assistant',
  );
  list.action(() =>
    adminAction(list, io, async ({ session, print }) => {
      const { assistant } = list.opts<{ assistant?: string }>();
      const found = await (await session()).call('GET /keys', { query: { assistant } });
      print(found, () => (found.keys.length === 0 ? 'No keys.' : keyTable(found.keys)));
    }),
  );

  const create = adminOptions(
    keys
      .command('create')
      .argument('<assistant>', 'name of the assistant; a new name creates it')
      .description('create a key and print it once'),
  );
  create.action((assistant: string) =>
    adminAction(create, io, async (tools) => {
      show(tools, await (await tools.session()).call('POST /keys', { body: { assistant } }));
    }),
  );

  const rotate = adminOptions(
    keys
      .command('rotate')
      .argument('<key>', 'id of the key, from "keys list"')
      .description('replace a key, and print the new one once'),
  ).option('--overlap <duration>', 'how long the old key still works, such as 1h or 2d', '0s');
  rotate.action((id: string) =>
    adminAction(rotate, io, async (tools) => {
      const reviewer = await tools.session();
      const body = { overlapSeconds: seconds(rotate.opts<{ overlap: string }>().overlap) };
      show(tools, await reviewer.call('POST /keys/{id}/rotate', { path: { id }, body }));
    }),
  );

  const revoke = adminOptions(
    keys.command('revoke').argument('<key>', 'id of the key, from "keys list"').description('revoke a key at once'),
  );
  revoke.action((id: string) =>
    adminAction(revoke, io, async ({ session, print }) => {
      const key = await (await session()).call('POST /keys/{id}/revoke', { path: { id } });
      print(key, () => `The key ${key.masked} of ${plain(key.assistant)} no longer works.`);
    }),
  );
}

/** Prints only the key on standard output, so that it can be piped. */
function show({ print, io }: AdminTools, made: NewKey): void {
  const { key, replaced, secret } = made;
  if (replaced !== null)
    io.stderr.write(
      replaced.state === 'retiring'
        ? `The old key ${replaced.masked} works until ${replaced.expiresAt}.\n`
        : `The old key ${replaced.masked} no longer works.\n`,
    );
  io.stderr.write(
    `Connection Key for ${plain(key.assistant)} (${key.id}), shown once.\nSet it as the assistant's CHEQPOINT_CONNECTION_KEY:\n`,
  );
  print(made, () => secret);
}

function keyTable(keys: readonly ConnectionKey[]): string {
  const state = ({ state, expiresAt }: ConnectionKey) =>
    state === 'retiring' ? `until ${expiresAt?.slice(0, 16)}Z` : state;
  return table(
    ['id', 'assistant', 'key', 'state', 'created', 'by', 'last used'],
    keys.map((key) => [
      key.id,
      plain(key.assistant),
      key.masked,
      state(key),
      key.createdAt.slice(0, 10),
      plain(key.createdBy ?? 'the settings'),
      key.lastUsedAt === null ? 'never' : `${key.lastUsedAt.slice(0, 13)}h`,
    ]),
  );
}

function seconds(duration: string): number {
  const span = durationMs(duration);
  if (span === undefined) throw new UsageError('--overlap must be a duration such as 30m, 1h or 2d.');
  return Math.floor(span / 1000);
}
