import { pino } from 'pino';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { createApprovalFeed } from '../src/approval-feed.ts';
import { postgresIsInstalled, startPostgres } from '../../../test/support/postgres.ts';
import { eventually } from './eventually.ts';
import { startTestServer } from './test-server.ts';

const silent = pino({ enabled: false });

describe.skipIf(!postgresIsInstalled)('approval feed on PostgreSQL', () => {
  it('changes → every process gets them, and a hint if some may be lost', async () => {
    const postgres = (await startPostgres())!;
    const databaseUrl = await postgres.createDatabase();
    const server = await startTestServer(databaseUrl);
    const elsewhere = createApprovalFeed(databaseUrl, silent);
    const admin = new Client({ connectionString: databaseUrl });
    await admin.connect();
    const listeners = async () =>
      (
        await admin.query<{ pid: number }>(
          "select pid from pg_stat_activity where application_name = 'holdpoint changes' and query <> ''",
        )
      ).rows.map(({ pid }) => pid);
    try {
      const heard: unknown[] = [];
      const unsubscribe = elsewhere.subscribe((change) => heard.push(change));
      await eventually('both processes to listen', async () => (await listeners()).length === 2);
      const {
        body: { id },
      } = await server.ask();
      await server.decide(id, { decision: 'approve' });
      await eventually('both changes', () => heard.length === 2);
      expect(heard).toEqual([
        { id, change: 'created' },
        { id, change: 'closed' },
      ]);
      for (const pid of await listeners()) await admin.query('select pg_terminate_backend($1)', [pid]);
      await eventually('the new connection', () => heard.at(-1) === 'missed');
      unsubscribe();
      await server.ask();
      expect(heard).toHaveLength(3);
    } finally {
      await admin.end();
      await elsewhere.stop();
      await server.close();
      await postgres.stop();
    }
  });
});

describe('approval feed in one process', () => {
  it('change → sent once, wakes only waits for that approval; stopped → ends', async () => {
    const feed = createApprovalFeed(undefined, silent);
    const heard: unknown[] = [];
    feed.subscribe((change) => heard.push(change));
    const never = new AbortController();
    let woken = false;
    const wait = feed.waitForClose('req_1', 60_000, never.signal).then(() => (woken = true));
    feed.publish({ id: 'req_1', change: 'created' });
    feed.publish({ id: 'req_2', change: 'closed' });
    expect([heard.length, woken]).toEqual([2, false]);
    feed.publish({ id: 'req_1', change: 'closed' });
    await wait;
    const last = feed.waitForClose('req_3', 60_000, never.signal);
    await feed.stop();
    await last;
    expect([feed.stopping.aborted, woken]).toEqual([true, true]);
  });
});
