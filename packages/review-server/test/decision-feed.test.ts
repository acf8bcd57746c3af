import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecisionsAnswer } from '@holdpoint/cheqpoint/wire';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { migrations } from '../src/store/migrations.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { KEY, OTHER_KEY, ROTATED_KEY, startTestServer, type TestServer } from './test-server.ts';

onBothDatabases((newDatabase, kind) => {
  let databaseUrl: string;
  let server: TestServer;
  let database: ReviewDatabase;
  beforeAll(async () => {
    databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl);
    database = await openReviewDatabase(databaseUrl, () => undefined);
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  const ask = async (more: object = {}, key = KEY) => (await server.ask(more, { 'x-api-key': key })).body.id;
  const read = async (query: Record<string, string | number> = {}, key = KEY) => {
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return server.get<DecisionsAnswer>(`/api/decisions?${search.toString()}`, { 'x-api-key': key });
  };
  /** The cursor at the present end. */
  const end = async (key = KEY) => {
    for (let after: string | undefined; ;) {
      const { body } = await read(after === undefined ? {} : { after }, key);
      if (!body.more) return body.cursor;
      after = body.cursor;
    }
  };
  const idsAfter = async (after: string, key = KEY) => (await read({ after }, key)).body.decisions.map(({ id }) => id);

  describe('decision feed', () => {
    it('approved, rejected, withdrawn, expired, an answered outcome question → each once', async () => {
      const after = await end();
      const [approved, rejected, withdrawn, outcome] = await Promise.all([
        ask(),
        ask(),
        ask(),
        ask({ details: { holdpoint: { kind: 'outcome' } } }),
      ]);
      const expired = await ask({ expiresAt: new Date(Date.now() - 1000).toISOString() });
      const open = await ask();
      await server.decide(approved, { decision: 'approve' });
      await server.decide(rejected, { decision: 'reject' });
      await server.post(`/api/approvals/${withdrawn}/withdraw`, { reason: 'withdrawn' });
      await server.decide(outcome, { decision: 'give-up' });
      await server.get(`/api/approvals/${expired}`);
      const { status, body } = await read({ after });
      expect(status).toBe(200);
      expect(body.decisions.map(({ id }) => id).toSorted()).toEqual(
        [approved, rejected, withdrawn, outcome, expired].toSorted(),
      );
      expect(body.decisions.find(({ id }) => id === approved)).toEqual({
        id: approved,
        status: 'APPROVED',
        decidedAt: expect.stringMatching(/Z$/),
      });
      expect(await idsAfter(body.cursor)).toEqual([]);
      await server.decide(open, { decision: 'approve' });
      expect(await idsAfter(body.cursor)).toEqual([open]);
    });

    it('other Connection Key → its own decisions; a second key of the same assistant continues', async () => {
      const [after, otherAfter] = [await end(), await end(OTHER_KEY)];
      const [mine, theirs] = [await ask(), await ask({}, OTHER_KEY)];
      await server.decide(mine, { decision: 'approve' });
      await server.decide(theirs, { decision: 'approve' });
      expect(await idsAfter(after, ROTATED_KEY)).toEqual([mine]);
      expect(await idsAfter(otherAfter, OTHER_KEY)).toEqual([theirs]);
      const foreign = await read({ after: await end() }, OTHER_KEY);
      expect([foreign.status, foreign.text]).toEqual([410, expect.stringContaining('Start over')]);
    });

    it('limit → pages without a gap, `more` until the last', async () => {
      let after = await end();
      const ids = await Promise.all(Array.from({ length: 5 }, () => ask()));
      for (const id of ids) await server.decide(id, { decision: 'reject' });
      const pages: string[][] = [];
      for (let more = true; more;) {
        const { body } = await read({ after, limit: 2 });
        pages.push(body.decisions.map(({ id }) => id));
        ({ cursor: after, more } = body);
      }
      expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
      expect(pages.flat()).toEqual(ids);
    });

    it('since → begins with the first decision at that time', async () => {
      const early = await ask();
      await server.decide(early, { decision: 'approve' });
      await end();
      const late = await ask();
      const { body } = await server.decide(late, { decision: 'approve' });
      const since = body.decidedAt!;
      const ids = (await read({ since })).body.decisions.map(({ id }) => id);
      expect(ids).toContain(late);
      const now = (await read({ since: new Date(Date.now() + 1000).toISOString() })).body;
      expect(now.decisions.map(({ id }) => id)).not.toContain(early);
      const next = await ask();
      await server.decide(next, { decision: 'approve' });
      expect(await idsAfter(now.cursor)).toContain(next);
    });

    it.each([
      ['after', 'not a cursor', 410],
      ['after', Buffer.from('1 99 0123456789abcdef req_x').toString('base64url'), 410],
      ['after', Buffer.from('1 0  req_\0').toString('base64url'), 410],
      ['limit', '0', 400],
      ['limit', '1001', 400],
      ['since', 'yesterday', 400],
    ])('%s=%s → %i', async (name, value, status) => {
      expect((await read({ [name]: value })).status).toBe(status);
    });

    it('two readers and 40 deciders at once → every decision, to both', async () => {
      const after = await end();
      const ids = await Promise.all(Array.from({ length: 40 }, () => ask()));
      const readers = [after, after].map((cursor) => ({ cursor, seen: [] as string[] }));
      let deciding = true;
      const reading = readers.map(async (reader) => {
        for (let last = false; !last;) {
          last = !deciding;
          const { body } = await read({ after: reader.cursor, limit: 7 });
          reader.seen.push(...body.decisions.map(({ id }) => id));
          reader.cursor = body.cursor;
          if (body.more) last = false;
        }
      });
      await Promise.all(ids.map((id) => server.decide(id, { decision: 'approve' }, 'ben')));
      deciding = false;
      await Promise.all(reading);
      for (const { cursor, seen } of readers) {
        seen.push(...(await idsAfter(cursor)));
        expect(seen.toSorted()).toEqual(ids.toSorted());
      }
    });

    it('server restarted → the cursor continues', async () => {
      const after = await end();
      const id = await ask();
      await server.decide(id, { decision: 'approve' });
      const again = await startTestServer(databaseUrl);
      try {
        const { body } = await again.get<DecisionsAnswer>(`/api/decisions?after=${after}`);
        expect(body.decisions.map((each) => each.id)).toEqual([id]);
      } finally {
        await again.close();
      }
    });

    it('restored database that lacks the newest request → 410', async () => {
      const cursor = Buffer.from(await end(), 'base64url').toString();
      const lacking = Buffer.from(cursor.replace(/\S+$/, 'req_lost')).toString('base64url');
      expect((await read({ after: lacking })).status).toBe(410);
    });

    it('restored database that lacks the last decision, or has another in its place → 410', async () => {
      const id = await ask();
      const afterRequest = await end();
      await server.decide(id, { decision: 'approve' });
      const afterDecision = await end();
      // The backup has the request undecided, and it is decided again.
      await database.kysely
        .updateTable('approvals')
        .set({ decided_at: '2026-01-01T00:00:00.000Z' })
        .where('id', '=', id)
        .execute();
      expect([(await read({ after: afterDecision })).status, (await read({ after: afterRequest })).status]).toEqual([
        410, 200,
      ]);
    });

    it('database of an earlier version → its decisions have numbers', async () => {
      const id = await ask();
      await server.decide(id, { decision: 'approve' });
      for (const index of ['approvals_numbered', 'approvals_unnumbered'])
        await database.kysely.schema.dropIndex(index).execute();
      await database.kysely.schema.alterTable('approvals').dropColumn('decision_number').execute();
      await migrations(kind)['0007-decision-feed']!.up(database.kysely);
      expect((await read({ limit: 1000 })).body.decisions.map((each) => each.id)).toContain(id);
    });

    // SQLite has one writer at a time.
    if (kind === 'sqlite') return;

    it('a decision that commits after later ones were read → read next', async () => {
      const after = await end();
      const [late, early] = [await ask(), await ask()];
      let commit: () => void = () => undefined;
      const committing = new Promise<void>((resolve) => (commit = resolve));
      let closed: () => void = () => undefined;
      const isClosed = new Promise<void>((resolve) => (closed = resolve));
      // It holds no lock of the audit's head, as with an audit that is written after the commit.
      const deciding = database.kysely.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('approvals')
          .set({ status: 'APPROVED', decided_at: new Date().toISOString(), reason_code: 'person' })
          .where('id', '=', late)
          .execute();
        closed();
        await committing;
      });
      await isClosed;
      await server.decide(early, { decision: 'approve' });
      const { body } = await read({ after });
      expect(body.decisions.map(({ id }) => id)).toEqual([early]);
      commit();
      await deciding;
      expect(await idsAfter(body.cursor)).toEqual([late]);
    });

    it('another reader stands still → decisions and this reader go on', async () => {
      const after = await end();
      const id = await ask();
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let locked: () => void = () => undefined;
      const isLocked = new Promise<void>((resolve) => (locked = resolve));
      const standing = database.kysely.transaction().execute(async (transaction) => {
        await transaction.selectFrom('assistants').selectAll().where('name', '=', 'comms').forNoKeyUpdate().execute();
        locked();
        await released;
      });
      await isLocked;
      expect((await server.decide(id, { decision: 'approve' })).status).toBe(200);
      const { body } = await read({ after });
      expect(body.decisions).toEqual([]);
      release();
      await standing;
      expect(await idsAfter(body.cursor)).toEqual([id]);
    });
  });
});
