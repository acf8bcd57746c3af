import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { array, constantFrom, integer, record, sample } from 'fast-check';
import { within } from '@holdpoint/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { verifyAudit } from '../src/store/audit-trail.ts';
import { openReviewDatabase } from '../src/store/database.ts';
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
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await postgres.stop();
  });
  const start = async (url: string): Promise<Running> => {
    const child = spawn(process.execPath, [program, JSON.stringify(optionsFor(url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    const [address] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, server: callsTo({ url: address } as TestServer) };
  };

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
