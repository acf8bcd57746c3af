import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type HoldpointDatabase } from '../../src/adapters/database/open-database.ts';
import { databaseDependency } from '../../src/adapters/dependencies.ts';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { testGateway } from './test-gateway.ts';

describe.skipIf(!postgresIsInstalled)('gateway, connections to PostgreSQL are half-open', () => {
  let postgres: TestPostgres;
  let proxy: TcpProxy;
  let database: HoldpointDatabase;
  beforeAll(async () => {
    postgres = (await startPostgres())!;
    proxy = await startTcpProxy(await postgres.createDatabase());
    database = await openDatabase(`${proxy.url}?query_timeout=500`);
  }, 60_000);
  afterAll(async () => {
    // Else a call without a limit waits on its lost connection, and the pool for the call.
    proxy.resetConnections();
    await database.close();
    await proxy.close();
    await postgres.stop();
  });

  it('requests → each is answered, and /readyz is 200 again over new connections', async () => {
    const queue = { namespace: 'default', taskQueue: 'holdpoint' };
    const { call } = testGateway({
      assistants: () => database.assistantRegistry.known(queue, Date.now()),
      dependencies: [databaseDependency(database)],
    });
    const ready = async () => (await call('GET', '/readyz')).status;
    expect(await ready()).toBe(200);
    // More rounds than the pool has connections: each lost one has to leave it.
    for (let round = 0; round < 12; round += 1) {
      proxy.loseConnections();
      const body = { assistant: 'mailer', input: 'Hello' };
      const answers = await Promise.all([ready(), call('POST', '/v1/runs', body).then(({ status }) => status)]);
      for (const status of answers) expect(status).toBeGreaterThanOrEqual(200);
      expect(await ready()).toBe(200);
    }
  }, 60_000);
});
