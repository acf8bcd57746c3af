import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresClient, databaseFailure } from '../src/index.ts';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts';
import { openNotes } from './notes.ts';

describe.skipIf(!postgresIsInstalled)('half-open connection to PostgreSQL', { timeout: 20_000 }, () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = (await startPostgres())!));
  afterAll(() => postgres.stop());
  const start = async () => {
    const proxy = await startTcpProxy(await postgres.createDatabase());
    return { proxy, url: `${proxy.url}?query_timeout=500` };
  };
  const failureOf = (call: Promise<unknown>) => call.then(() => undefined, databaseFailure);

  it('call → fails after query_timeout as unknown, and the next one gets a new connection', async () => {
    const { proxy, url } = await start();
    const { kysely, close } = await openNotes(url);
    await kysely.selectFrom('notes').selectAll().execute();
    proxy.loseConnections();
    expect(await failureOf(kysely.selectFrom('notes').selectAll().execute())).toMatchObject({ changed: 'unknown' });
    expect(await kysely.selectFrom('notes').selectAll().execute()).toEqual([]);
    await close();
    await proxy.close();
  });

  it('transaction → fails after query_timeout, without a second wait for its rollback', async () => {
    const { proxy, url } = await start();
    const { kysely, close } = await openNotes(url);
    const began = performance.now();
    const failure = await failureOf(
      kysely.transaction().execute(async (transaction) => {
        await transaction.insertInto('notes').values({ id: 1, text: '' }).execute();
        proxy.loseConnections();
        await transaction.selectFrom('notes').selectAll().execute();
      }),
    );
    expect(failure).toMatchObject({ changed: 'unknown', reason: expect.stringContaining('lost') });
    expect(performance.now() - began).toBeLessThan(950);
    expect(await kysely.selectFrom('notes').selectAll().execute()).toEqual([]);
    await close();
    await proxy.close();
  });

  it('connection for `listen` → its question fails after query_timeout', async () => {
    const { proxy, url } = await start();
    const client = createPostgresClient(url);
    const lost = new Promise<Error>((resolve) => client.on('error', resolve));
    await client.connect();
    proxy.loseConnections();
    expect(await failureOf(client.query('select 1'))).toMatchObject({ changed: 'unknown' });
    expect((await lost).message).toBe('PostgreSQL gave no answer for 0.5 s');
    await proxy.close();
  });

  it('host that takes connections and never answers → no connection after 10 s', async () => {
    const { proxy, url } = await start();
    const { kysely, close } = await openNotes(url);
    proxy.blackHole();
    await failureOf(sql`select 1`.execute(kysely));
    const began = performance.now();
    expect(await failureOf(sql`select 1`.execute(kysely))).toMatchObject({ changed: 'no' });
    expect(performance.now() - began).toBeLessThan(11_000);
    await close();
    await proxy.close();
  });
});
