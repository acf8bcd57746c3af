import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createPostgresClient } from '@holdpoint/database';
import { array, constantFrom, integer, record, sample } from 'fast-check';
import { sql } from 'kysely';
import { within } from '@holdpoint/process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { verifyAudit } from '../src/store/audit-trail.ts';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { eventually } from './eventually.ts';
import { callsTo, optionsFor, startTestServer, type TestServer } from './test-server.ts';

const program = fileURLToPath(new URL('server-process.ts', import.meta.url));
const requests = 60;
const deciders = 8;

/** Comes after so many more decisions. */
type Act = { after: number; place: number; act: 'kill' | 'freeze' };
type Running = { child: ChildProcess; server: TestServer };

describe.skipIf(!postgresIsInstalled)('audit under kills, PostgreSQL', () => {
  let postgres: TestPostgres;
  const children = new Set<ChildProcess>();
  beforeAll(async () => void (postgres = (await startPostgres())!));
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const end of ends.splice(0)) await end();
  });
  afterAll(() => postgres.stop());
  const start = async (url: string): Promise<Running> => {
    const child = spawn(process.execPath, [program, JSON.stringify(optionsFor(url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    const [address] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, server: callsTo({ url: address } as TestServer) };
  };

  const newDatabase = async () => {
    const url = await postgres.createDatabase();
    const database = await openReviewDatabase(url, () => undefined);
    ends.push(() => database.close());
    return { url, database };
  };
  /** Holds the chain's head until `release`. */
  const holdHead = async (url: string) => {
    const client = createPostgresClient(`${url}?idle_in_transaction_session_timeout=0`);
    await client.connect();
    await client.query('begin');
    await client.query('select from audit_head for update');
    return { release: () => client.end() };
  };
  const waitingLinkers = async (database: ReviewDatabase) => {
    const { rows } = await sql<object>`select from pg_stat_activity
      where query like '%link_audit(%' and wait_event_type = 'Lock' and datname = current_database()`.execute(
      database.kysely,
    );
    return rows.length;
  };
  const unlinked = async ({ kysely }: ReviewDatabase) =>
    (await kysely.selectFrom('audit_pending').selectAll().execute()).length;
  const allLinked = (database: ReviewDatabase) =>
    eventually('all entries are linked', async () => (await unlinked(database)) === 0);

  it('server killed before it links → another links', async () => {
    const { url, database } = await newDatabase();
    const first = await start(url);
    await first.server.bearer();
    const holder = await holdHead(url);
    const { id } = (await first.server.ask()).body;
    expect((await first.server.decide(id, { decision: 'approve' })).status).toBe(200);
    expect(await unlinked(database)).toBeGreaterThanOrEqual(2);
    first.child.kill('SIGKILL');
    await holder.release();
    await start(url);
    await allLinked(database);
    expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true });
  }, 60_000);

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'linking server gets %s while its call waits for the head → each entry is linked once, by whichever',
    async (signal) => {
      const { url, database } = await newDatabase();
      const [first] = [await start(url), await start(url)];
      const holder = await holdHead(url);
      const ids = await Promise.all(Array.from({ length: 5 }, async () => (await first.server.ask()).body.id));
      await eventually('one linker waits', async () => (await waitingLinkers(database)) === 1);
      first.child.kill(signal);
      await holder.release();
      await allLinked(database);
      const rows = await database.kysely
        .selectFrom('audit')
        .select('subject')
        .where('event', '=', 'approval-requested')
        .execute();
      expect(rows.map(({ subject }) => subject).toSorted()).toEqual(ids.toSorted());
      expect(await verifyAudit(database.kysely)).toMatchObject({ ok: true, unlinked: 0 });
    },
    60_000,
  );

  it('eight deciders, two servers that are killed and frozen → each decision once in a whole chain', async () => {
    const [plan] = sample(
      array(
        record({
          after: integer({ min: 3, max: 10 }),
          place: integer({ min: 0, max: 1 }),
          act: constantFrom('kill', 'freeze'),
        }),
        {
          minLength: 4,
          maxLength: 4,
        },
      ),
      { seed: 20, numRuns: 1 },
    ) as [Act[]];
    const url = await postgres.createDatabase();
    const places = [await start(url), await start(url)];
    const ids = await Promise.all(
      Array.from({ length: requests }, async (_, index) => (await places[index % 2]!.server.ask()).body.id),
    );
    const statuses = new Map<string, number>();
    let acting: Promise<void> = Promise.resolve();
    let sinceAct = 0;
    const act = async ({ place, act }: Act) => {
      const { child } = places[place]!;
      child.kill(act === 'kill' ? 'SIGKILL' : 'SIGSTOP');
      places[place] = await start(url);
      if (act === 'freeze') child.kill('SIGCONT');
    };
    const decideOne = async (id: string, decider: number) => {
      for (let attempt = decider; !statuses.has(id); attempt += 1) {
        const { server } = places[attempt % 2]!;
        const answer = await within(4000, 'a decision', server.decide(id, { decision: 'approve', note: id })).catch(
          () => undefined,
        );
        if (answer?.status === 200 || answer?.status === 409) statuses.set(id, answer.status);
      }
      sinceAct += 1;
      if (plan.length > 0 && sinceAct >= plan[0]!.after) {
        sinceAct = 0;
        const due = plan.shift()!;
        acting = acting.then(() => act(due));
      }
    };
    const waiting = ids.values();
    await Promise.all(
      Array.from({ length: deciders }, async (_, decider) => {
        for (const id of waiting) await decideOne(id, decider);
      }),
    );
    await acting;
    for (const child of children) child.kill('SIGKILL');

    const last = await startTestServer(url);
    const database = await openReviewDatabase(url, () => undefined);
    const { kysely } = database;
    await eventually(
      'all entries are linked',
      async () => (await kysely.selectFrom('audit_pending').selectAll().execute()).length === 0,
    );
    expect(await verifyAudit(kysely)).toMatchObject({ ok: true, unlinked: 0 });
    for (const event of ['approval-requested', 'approval-decided']) {
      const rows = await kysely.selectFrom('audit').select('subject').where('event', '=', event).execute();
      expect(rows.map(({ subject }) => subject).toSorted()).toEqual(ids.toSorted());
    }
    await database.close();
    await last.close();
  }, 240_000);
});
