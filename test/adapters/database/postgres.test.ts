import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { openDatabase } from '../../../src/adapters/database/open-database.ts';
import { sharedPostgres, type SharedPostgres } from '../../support/postgres.ts';

const owner = { runId: 'run', firstRunId: 'first' };
let postgres: SharedPostgres | undefined;
beforeAll(async () => void (postgres = await sharedPostgres()));
afterAll(async () => postgres?.stop());

const emptyUrl = async (test: TestContext) => postgres?.createDatabase() ?? test.skip('PostgreSQL is not installed');

async function ask(url: string, ...statements: string[]): Promise<Array<Record<string, unknown>>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Array<Record<string, unknown>> = [];
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

it('connection broken while idle → the next call opens another', async (test) => {
  const url = await emptyUrl(test);
  const database = await openDatabase(url);
  const { digest } = await database.values.put('1', owner);
  await ask(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holdpoint' and datname = current_database()`,
  );
  await expect.poll(() => database.values.get(digest, owner).catch(() => 'not yet')).toBe('1');
  await database.close();
});

it('default of the database is synchronous_commit = off → a commit waits for the disk, and every limit is in force', async (test) => {
  const url = await emptyUrl(test);
  await ask(
    url,
    `do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`,
  );
  const database = await openDatabase(url);
  // The settings of a session can be read from within only, so a trigger writes them down.
  await ask(
    url,
    'create table seen (synchronous_commit text, statement_timeout text, lock_timeout text, idle text, tcp_idle text)',
    `create function note() returns trigger language plpgsql as $$ begin insert into seen values (
       current_setting('synchronous_commit'), current_setting('statement_timeout'), current_setting('lock_timeout'),
       current_setting('idle_in_transaction_session_timeout'), current_setting('tcp_keepalives_idle')); return new; end $$`,
    'create trigger note before insert on holdpoint_effects for each row execute function note()',
  );
  await database.effects.start({
    callKey: 'k',
    start: 1,
    runId: 'r',
    tool: 't',
    effect: 'at-most-once',
    argumentsDigest: 'd',
    requestsBefore: 0,
    request: null,
    attemptId: 'a',
    worker: 'w',
    at: 1,
  });
  expect(await ask(url, 'select * from seen')).toEqual([
    { synchronous_commit: 'on', statement_timeout: '15s', lock_timeout: '8s', idle: '5s', tcp_idle: '30' },
  ]);
  await database.close();
});

it('tables of others in the database → Holdpoint’s stand beside them, or in the schema that the URL names', async (test) => {
  const url = await emptyUrl(test);
  await ask(url, 'create table kysely_migration (name text)', 'create schema staging');
  const staging = `${url}?options=-c%20search_path%3Dstaging`;
  for (const place of [url, staging]) {
    const database = await openDatabase(place);
    await database.values.put(JSON.stringify(place), owner);
    await database.close();
  }
  expect(
    await ask(
      url,
      'select a.json as first, b.json as second from public.holdpoint_values a, staging.holdpoint_values b',
    ),
  ).toEqual([{ first: JSON.stringify(url), second: JSON.stringify(staging) }]);
  expect(
    (await ask(url, `select table_name from information_schema.tables where table_schema = 'public' order by 1`))
      .map((row) => row['table_name'])
      .filter((name) => !String(name).startsWith('holdpoint_')),
  ).toEqual(['kysely_migration']);
});

it('tables changed by a newer version → opening fails and leaves them alone', async (test) => {
  const url = await emptyUrl(test);
  await (await openDatabase(url)).close();
  await ask(url, `insert into holdpoint_migrations values ('9999-of-the-future', now()::text)`);
  await expect(openDatabase(url)).rejects.toThrow(
    /a newer version of Holdpoint has changed its tables.*9999-of-the-future/,
  );
});
