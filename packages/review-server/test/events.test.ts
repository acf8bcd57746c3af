import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changesChannel } from '../src/store/approval-changes.ts';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import type { ReviewServer } from '../src/create-review-server.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { callsTo, optionsFor, startTestServer, type TestServer } from './test-server.ts';

type Heard = {
  event: string;
  data: { id?: string; needsYou?: number; waiting?: number; done?: number };
};

/* The same facts within one process, and on PostgreSQL between two. */

onBothDatabases((newDatabase, kind) => {
  let here: TestServer;
  let elsewhere: TestServer;
  /** The same database, for changes beside the servers. */
  let kysely: ReviewDatabase['kysely'];
  let stopElsewhere = () => {};
  beforeAll(async () => {
    const databaseUrl = await newDatabase();
    ({ kysely } = await openReviewDatabase(databaseUrl, () => {}));
    here = await startTestServer(databaseUrl);
    elsewhere = here;
    // A SQLite file is for one process.
    if (kind === 'sqlite') return;
    const child = spawn(
      process.execPath,
      [
        '--conditions=holdpoint-source',
        fileURLToPath(new URL('server-process.ts', import.meta.url)),
        JSON.stringify(optionsFor(databaseUrl)),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    stopElsewhere = () => child.kill('SIGKILL');
    elsewhere = callsTo({ url: ((await once(createInterface(child.stdout), 'line')) as [string])[0] } as ReviewServer);
  });
  afterAll(async () => {
    stopElsewhere();
    await here.close();
    await kysely.destroy();
  });

  /** Reads a stream until it is stopped. `over` resolves when the server ends it. */
  async function listen(server: TestServer, headers?: Record<string, string>) {
    const heard: Heard[] = [];
    const stopping = new AbortController();
    const response = await fetch(`${server.url}/reviewer-api/events`, {
      headers: headers ?? (await server.bearer('ana')),
      signal: stopping.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const over = (async () => {
      for await (const { event, data } of response
        .body!.pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream()))
        heard.push({ event: event ?? '', data: JSON.parse(data) as Heard['data'] });
    })().catch(() => undefined);
    await eventually('the first counts', () => heard.some(({ event }) => event === 'counts'));
    const changes = () => heard.filter(({ event }) => event === 'changed').map(({ data }) => data.id);
    return {
      heard,
      changes,
      over,
      counts: () => heard.findLast(({ event }) => event === 'counts')?.data,
      stop: () => stopping.abort(),
    };
  }

  it('created, claimed, released, closed at any server → events, then the new counts', async () => {
    const ana = await listen(here);
    const before = ana.counts()!;
    const {
      body: { id },
    } = await elsewhere.ask();
    await eventually('the new approval', () => ana.changes().length === 1);
    await eventually('its count', () => ana.counts()?.needsYou === before.needsYou! + 1);
    const claim = async (method: string) =>
      fetch(`${elsewhere.url}/reviewer-api/approvals/${id}/claim`, { method, headers: await elsewhere.bearer('ben') });
    await claim('PUT');
    await eventually('the claim', () => ana.changes().length === 2);
    await eventually('its count', () => ana.counts()?.waiting === before.waiting! + 1);
    await claim('DELETE');
    await eventually('the release', () => ana.changes().length === 3);
    await elsewhere.decide(id, { decision: 'approve' }, 'ben');
    await eventually('the decision', () => ana.changes().length === 4);
    await eventually(
      'the last counts',
      () => ana.counts()?.done === before.done! + 1 && ana.counts()?.needsYou === before.needsYou,
    );
    expect(new Set(ana.changes())).toEqual(new Set([id]));
    ana.stop();
  });

  // SQLite's only process commits one change at a time, and gets all of them.
  // oxlint-disable-next-line vitest/no-conditional-tests -- registered for PostgreSQL only: on SQLite there is nothing to skip
  if (kind === 'postgres') {
    it('too many changes at once → one resync event, then single events again', async () => {
      const ana = await listen(here);
      const held = here.ask({ maxWaitMs: 10_000 });
      const [id] = await eventually('the request that is held', () => ana.changes().length === 1 && ana.changes());
      await kysely.transaction().execute(async (locked) => {
        // Every event checks the session first, so none is sent until this transaction ends.
        await sql`lock table sessions in access exclusive mode`.execute(locked);
        await kysely.transaction().execute(async (transaction) => {
          await sql`select pg_notify(${changesChannel}, 'created req_' || number) from generate_series(1, 600) as number`.execute(
            transaction,
          );
          await sql`update approvals set status = 'REJECTED', decided_at = created_at, decided_by = 'ben', reason_code = 'person' where id = ${id}`.execute(
            transaction,
          );
          await sql`select pg_notify(${changesChannel}, ${`closed ${id}`})`.execute(transaction);
        });
        // Changes arrive in order, so the held request gets the last one.
        expect((await held).body.status).toBe('rejected');
      });
      await eventually('it to be said', () => ana.heard.some(({ event }) => event === 'resync'));
      const next = (await elsewhere.ask()).body.id;
      await eventually('the next one', () => ana.changes().length > 1);
      expect(ana.changes()).toEqual([id, next]);
      expect(ana.heard.filter(({ event }) => event === 'resync')).toHaveLength(1);
      ana.stop();
    });

    it('connection to the database lost for a while → one resync event', async () => {
      const ana = await listen(here);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holdpoint changes' and datname = current_database()`.execute(
        kysely,
      );
      await eventually('it to be said', () => ana.heard.some(({ event }) => event === 'resync'));
      const {
        body: { id },
      } = await elsewhere.ask();
      await eventually('the next one', () => ana.changes().length === 1);
      expect(ana.changes()).toEqual([id]);
      expect(ana.heard.filter(({ event }) => event === 'resync')).toHaveLength(1);
      ana.stop();
    });
  }

  it('too many streams, of one user or in all → 429 and 503 with words; a closed one frees its place', async () => {
    const server = await startTestServer(await newDatabase(), { streams: { perUser: 2, total: 3 } });
    const ask = async (name: 'ana' | 'ben') => {
      const { status, body } = await server.get<{ error: string }>('/reviewer-api/events', await server.bearer(name));
      return [status, body.error];
    };
    const first = await listen(server, await server.bearer('ana'));
    await listen(server, await server.bearer('ana'));
    expect(await ask('ana')).toEqual([429, expect.stringContaining('You have 2 open event streams')]);
    await listen(server, await server.bearer('ben'));
    expect(await ask('ben')).toEqual([503, expect.stringContaining('too many open event streams')]);
    first.stop();
    await eventually('a free place', async () => {
      const answer = await fetch(`${server.url}/reviewer-api/events`, { headers: await server.bearer('ben') });
      await answer.body?.cancel();
      return answer.status === 200;
    });
    await server.close();
  });

  it('HEAD → the headers, and no open stream', async () => {
    const server = await startTestServer(await newDatabase(), { streams: { perUser: 1, total: 1 } });
    const headers = await server.bearer('ana');
    for (let time = 0; time < 2; time += 1) {
      const answer = await fetch(`${server.url}/reviewer-api/events`, { method: 'HEAD', headers });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    }
    const ana = await listen(server, headers);
    ana.stop();
    await server.close();
  });

  it('session ended → stream ended', async () => {
    const { body } = await here.post<{ token: string }>(
      '/reviewer-api/session',
      { name: 'ben', password: 'ben knows that' },
      {},
    );
    const headers = { authorization: `Bearer ${body.token}` };
    const ben = await listen(here, headers);
    await fetch(`${here.url}/reviewer-api/session`, { method: 'DELETE', headers });
    // The server notices the end of the session when it sends the next event.
    await here.ask();
    await ben.over;
    expect(ben.changes()).toEqual([]);
  });

  it('server closed → stream ended at once', async () => {
    const server = await startTestServer(await newDatabase());
    const { over, changes } = await listen(server);
    await Promise.all([over, server.close()]);
    expect(changes()).toEqual([]);
  });
});
