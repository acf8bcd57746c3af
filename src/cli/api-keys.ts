import { Option, type Command } from 'commander';
import type { ApiCaller, ApiKey, CallerScopes, NewApiKey, NewCallerScopes } from '../client.ts';
import { durationMs } from '../schemas/duration.ts';
import { UsageError } from './connection.ts';
import { plain } from './plain.ts';
import { connectionOptions, runAction, type Tools } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { table } from './table.ts';

type ScopeFlags = { start?: string; read?: CallerScopes['read']; control?: CallerScopes['control'] } & Partial<
  Pick<CallerScopes, 'ask' | 'decode' | 'admin'>
>;

/** `holdpoint api-keys …`: callers of the gateway and their API keys. */
export function registerApiKeys(program: Command, io: RunIo): void {
  const keys = program
    .command('api-keys')
    .description('manage callers of the gateway and their API keys; HOLDPOINT_API_KEY has every permission');
  const forOne = (name: string, description: string) =>
    connectionOptions(keys.command(name).argument('<name>', 'name of the caller').description(description));

  const create = scopeOptions(forOne('create', 'create a caller, and print its key once'));
  create.action((name: string) =>
    runAction(create, io, async (tools) => {
      printKey(tools, await tools.client.apiKeys.create({ name, scopes: scopesOf(create.opts<ScopeFlags>()) }));
    }),
  );

  const list = connectionOptions(keys.command('list').description('list callers and their keys, newest first'));
  list.action(() =>
    runAction(list, io, async ({ client, print }) => {
      const callers = await client.apiKeys.list();
      print({ callers }, () => (callers.length === 0 ? 'No callers beside HOLDPOINT_API_KEY.' : callerTable(callers)));
    }),
  );

  const show = forOne('show', 'show a caller, its permissions and its keys');
  show.action((name: string) =>
    runAction(show, io, async ({ client, print }) => {
      const caller = await client.apiKeys.get(name);
      print(caller, () => callerPage(caller));
    }),
  );

  const rotate = forOne('rotate', 'replace the key of a caller, and print the new one once').option(
    '--overlap <duration>',
    'how long the old key still works, such as 1h or 2d, at most 30d',
    '0s',
  );
  rotate.action((name: string) =>
    runAction(rotate, io, async (tools) => {
      const overlapSeconds = secondsOf(rotate.opts<{ overlap: string }>().overlap);
      const { keys } = await tools.client.apiKeys.get(name);
      // With its id, another rotation at the same time does not replace the new key.
      const key = keys.find(({ state }) => state === 'active')?.id;
      printKey(tools, await tools.client.apiKeys.rotate(name, { overlapSeconds, ...(key !== undefined && { key }) }));
    }),
  );

  const setScopes = scopeOptions(
    forOne('set-scopes', 'replace the permissions of a caller; those that you leave out are the least ones'),
  );
  setScopes.action((name: string) =>
    runAction(setScopes, io, async ({ client, print }) => {
      const caller = await client.apiKeys.setScopes(name, scopesOf(setScopes.opts<ScopeFlags>()));
      print(caller, () => `${plain(name)}: ${scopesText(caller.scopes)}`);
    }),
  );

  const revoke = forOne('revoke', 'end all keys of a caller, and remove it; its runs go on').option(
    '--key <id>',
    'end this key only, and keep the caller',
  );
  revoke.action((name: string) =>
    runAction(revoke, io, async ({ client, print }) => {
      const { key } = revoke.opts<{ key?: string }>();
      const caller = await client.apiKeys.revoke(name, key === undefined ? {} : { key });
      print(caller, () =>
        key === undefined
          ? `The caller ${plain(name)} is removed. Every gateway refuses its keys within 2 seconds.`
          : `The key ${plain(key)} of ${plain(name)} is revoked. Every gateway refuses it within 2 seconds.`,
      );
    }),
  );
}

function scopeOptions(command: Command): Command {
  return command
    .option('--start <assistants>', 'assistants that it may start, separated by commas, or "all"')
    .addOption(new Option('--read <whose>', 'runs and approvals that it sees').choices(['own', 'all']).default('own'))
    .addOption(
      new Option('--control <whose>', 'runs that it may cancel, resume and send messages to')
        .choices(['none', 'own', 'all'])
        .default('own'),
    )
    .option('--ask', 'may ask for standalone approvals')
    .option('--decode', "may see decrypted values of all runs in Temporal's UI and CLI")
    .option('--admin', 'may manage API keys, and so give itself any permission');
}

function scopesOf({ start, read, control, ask, decode, admin }: ScopeFlags): NewCallerScopes {
  const assistants = start?.split(',').map((assistant) => assistant.trim());
  if (assistants?.includes('')) throw new UsageError('--start must be names of assistants, separated by commas: a,b.');
  return { start: start === 'all' ? 'all' : assistants, read, control, ask, decode, admin };
}

/** Prints only the key on standard output, so that it can be piped. */
function printKey({ print, io }: Tools, made: NewApiKey): void {
  const { caller, key, replaced, secret } = made;
  if (replaced !== null)
    io.stderr.write(
      replaced.expiresAt === null
        ? `The old key ${replaced.masked} no longer works.\n`
        : `The old key ${replaced.masked} works until ${replaced.expiresAt}.\n`,
    );
  io.stderr.write(
    `API key of ${plain(caller.name)} (${key.id}), shown once. Permissions: ${scopesText(caller.scopes)}.\nThe program sends it as: authorization: Bearer <key>\n`,
  );
  print(made, () => secret);
}

function scopesText({ start, read, control, ask, decode, admin }: CallerScopes): string {
  const names = start === 'all' ? 'all assistants' : start.map(plain).join(', ') || 'none';
  return [
    `start ${names}`,
    `read ${read}`,
    `control ${control}`,
    ...(ask ? ['ask for approvals'] : []),
    ...(decode ? ['decode values'] : []),
    ...(admin ? ['manage API keys'] : []),
  ].join('; ');
}

function callerTable(callers: readonly ApiCaller[]): string {
  return table(
    ['caller', 'start', 'read', 'control', 'key', 'state', 'last used'],
    callers.flatMap(({ name, scopes, removedAt, keys }) => {
      const shown = removedAt === null ? keys.filter(({ state }) => state !== 'ended') : keys.slice(0, 1);
      const { start, read, control } = scopes;
      const facts = [plain(name), start === 'all' ? 'all' : start.map(plain).join(',') || '-', read, control];
      if (shown.length === 0) return [[...facts, '-', 'no key', '-']];
      return shown.map((key) => [...facts, key.masked, removedAt === null ? stateText(key) : 'revoked', lastUse(key)]);
    }),
  );
}

function callerPage({ name, scopes, createdAt, createdBy, removedAt, keys }: ApiCaller): string {
  const facts: Array<[string, string]> = [
    ['caller', plain(name)],
    ['permissions', scopesText(scopes)],
    ['created', `${createdAt} by ${plain(createdBy)}`],
    ...(removedAt === null ? [] : [['revoked', removedAt] as [string, string]]),
  ];
  const rows = keys.map((key) => [key.id, key.masked, stateText(key), lastUse(key), key.createdAt.slice(0, 10)]);
  return [
    ...facts.map(([fact, value]) => `${fact.padEnd(11)}  ${value}`),
    '',
    table(['id', 'key', 'state', 'last used', 'created'], rows),
  ].join('\n');
}

function stateText({ state, expiresAt }: ApiKey): string {
  return state === 'retiring' ? `until ${expiresAt?.slice(0, 16)}Z` : state;
}

function lastUse({ lastUsedAt }: ApiKey): string {
  return lastUsedAt === null ? 'never' : `${lastUsedAt.slice(0, 13)}h`;
}

function secondsOf(duration: string): number {
  const span = durationMs(duration);
  if (span === undefined) throw new UsageError('--overlap must be a duration such as 30m, 1h or 2d.');
  return Math.floor(span / 1000);
}
