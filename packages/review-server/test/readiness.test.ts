import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import type { Readiness } from '@holdpoint/process';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../../test/support/tcp-proxy.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { eventually } from './eventually.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const notReady = {
  status: 'not-ready',
  dependencies: [
    {
      name: 'The database',
      setting: 'HOLDPOINT_REVIEW_DATABASE_URL',
      ok: false,
      problem: 'The database does not answer. Check it, and HOLDPOINT_REVIEW_DATABASE_URL. The log has the cause.',
    },
  ],
};

async function serverOn(databaseUrl: string): Promise<TestServer> {
  const server = await startTestServer(databaseUrl);
  onTestFinished(() => server.close());
  expect((await server.get('/readyz', {})).status).toBe(200);
  return server;
}

async function expectNotReady(server: TestServer): Promise<void> {
  const began = performance.now();
  const { status, headers, body } = await server.get<Readiness>('/readyz', {});
  expect([status, headers.get('retry-after'), body]).toEqual([503, '5', notReady]);
  // Health checks give up soon.
  expect(performance.now() - began).toBeLessThan(10_000);
  // The process itself is alive: a restart would not help.
  expect((await server.get('/healthz', {})).status).toBe(200);
}

const isReadyAgain = (server: TestServer) =>
  eventually('it is ready', async () => (await server.get('/readyz', {})).status === 200);

describe('readyz, SQLite', () => {
  it('file locked by another process → 503 with words, 200 once it is free', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-readiness-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const databaseUrl = sqliteUrl(join(folder, 'review.db'));
    const server = await serverOn(databaseUrl);
    const { kysely } = await openReviewDatabase(databaseUrl, () => undefined);
    onTestFinished(() => kysely.destroy());
    const locking = await kysely.startTransaction().execute();
    await expectNotReady(server);
    await locking.rollback().execute();
    await isReadyAgain(server);
  });
});

describe.skipIf(!postgresIsInstalled)('readyz, PostgreSQL', () => {
  let postgres: SharedPostgres;
  beforeAll(async () => void (postgres = (await sharedPostgres())!));
  afterAll(() => postgres.stop());

  it.each<[string, (proxy: TcpProxy) => unknown]>([
    ['silent', (proxy) => proxy.blackHole()],
    ['refuses connections', (proxy) => proxy.refuse()],
  ])('database %s → 503 with words, 200 once it is back', async (_name, breakIt) => {
    const proxy = await startTcpProxy(await postgres.createDatabase());
    onTestFinished(() => proxy.close());
    const server = await serverOn(`${proxy.url}?query_timeout=500`);
    await breakIt(proxy);
    await expectNotReady(server);
    await proxy.heal();
    await isReadyAgain(server);
  });

  it('read-only database → 503 with words, 200 once it takes decisions', async () => {
    const databaseUrl = await postgres.createDatabase();
    const server = await serverOn(databaseUrl);
    const name = new URL(databaseUrl).pathname.slice(1);
    const setReadOnly = async (setting: 'on' | 'off') => {
      await postgres.execute(`alter database "${name}" set default_transaction_read_only = ${setting}`);
      await postgres.execute(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    };
    await setReadOnly('on');
    await eventually('it is not ready', async () => (await server.get('/readyz', {})).status === 503);
    await expectNotReady(server);
    await setReadOnly('off');
    await isReadyAgain(server);
  });
});
