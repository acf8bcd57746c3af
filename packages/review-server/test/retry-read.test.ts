import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { ApprovalList } from '../src/contract/reviewer-api.ts';
import { postgresIsInstalled, startPostgres } from '../../../test/support/postgres.ts';
import { eventually } from './eventually.ts';
import { startTestServer } from './test-server.ts';

describe.skipIf(!postgresIsInstalled)('polling or held client', () => {
  it('connections to the database break → answered in the end', async () => {
    const postgres = (await startPostgres())!;
    const databaseUrl = await postgres.createDatabase();
    const server = await startTestServer(databaseUrl);
    const admin = new Client({ connectionString: postgres.url });
    await admin.connect();
    try {
      const {
        body: { id },
      } = await server.ask();
      const held = server.ask({ summary: 'held', maxWaitMs: 10_000 });
      const waiting = await eventually(
        'the held request',
        async () =>
          (await server.get<ApprovalList>('/reviewer-api/approvals', await server.bearer())).body.approvals.find(
            ({ summary }) => summary === 'held',
          )?.id,
      );
      const stop = new AbortController();
      const statuses: number[] = [];
      const pollers = Array.from({ length: 10 }, async () => {
        while (!stop.signal.aborted) statuses.push((await server.get(`/api/approvals/${id}`)).status);
      });
      let broken = 0;
      while (broken < 30) {
        const { rows } = await admin.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
          [new URL(databaseUrl).pathname.slice(1)],
        );
        broken += rows.length;
      }
      stop.abort();
      await Promise.all(pollers);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect((await server.decide(waiting, { decision: 'approve' })).status).toBe(200);
      expect((await held).body).toMatchObject({ id: waiting, status: 'approved' });
    } finally {
      await admin.end();
      await server.close();
      await postgres.stop();
    }
  });
});
