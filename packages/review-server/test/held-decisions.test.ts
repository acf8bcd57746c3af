import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OwnHolds, UndoManyAnswer } from '../src/contract/holds.ts';
import type { ApprovalList, DecideManyAnswer, ReviewerApproval } from '../src/contract/reviewer-api.ts';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { EMAIL_BLAST, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

type Name = keyof typeof PASSWORDS;

onBothDatabases((newDatabase, kind) => {
  let databaseUrl: string;
  let server: TestServer;
  let second: TestServer;
  let database: ReviewDatabase;
  let shiftMs = 0;
  const options = {
    clock: () => new Date(Date.now() + shiftMs),
    reviewers: (['ana', 'ben'] as const).map((name) => ({
      name,
      password: PASSWORDS[name],
      roles: ['reviewer', 'admin'] as const,
    })),
  };
  beforeAll(async () => {
    databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl, options);
    // A SQLite file is for one process.
    second = kind === 'postgres' ? await startTestServer(databaseUrl, options) : server;
    database = await openReviewDatabase(databaseUrl, () => undefined);
  });
  afterAll(async () => {
    await database.close();
    if (second !== server) await second.close();
    await server.close();
  });

  const ask = async (more: object = {}) => (await server.ask(more)).body.id;
  const read = async (id: string, as: Name = 'ben') =>
    (await second.get<ReviewerApproval>(`/reviewer-api/approvals/${id}`, await second.bearer(as))).body;
  const hold = (id: string, more: object = {}, as: Name = 'ana') =>
    server.decide(id, { decision: 'approve', holdSeconds: 60, ...more }, as);
  const undo = async (ids: string[], as: Name = 'ana', where = second) =>
    (await where.post<UndoManyAnswer>('/reviewer-api/approvals/undo', { ids }, await where.bearer(as))).body.results;
  const ended = (id: string, what = 'the decision') =>
    eventually(what, async () => {
      // The decision may come between the reads of one answer.
      return (await read(id)).holds.length === 0 && read(id);
    });
  const admin = async (method: 'PUT' | 'PATCH' | 'DELETE', path: string, body: unknown) => {
    const { status } = await server.send(method, `/reviewer-api${path}`, body, await server.bearer('ben'));
    expect(status).toBe(200);
  };
  const auditOf = async (id: string) => {
    await linkAudit({ database });
    const rows = await database.reads
      .selectFrom('audit')
      .select(['event', 'actor', 'facts'])
      .where('subject', '=', id)
      .orderBy('sequence')
      .execute();
    return rows.map(({ facts, ...row }) => ({ ...row, facts: JSON.parse(facts) as Record<string, unknown> }));
  };

  it('held → open and shown to everyone until its time, then decided as it was sent', async () => {
    const id = await ask({ details: { ...EMAIL_BLAST.details, reference: 1 } });
    const edited = `{"template":"weekly_update","recipient_count":50,"subject":"Later","reference":1.50}`;
    const body = `{"decision":"approve","holdSeconds":8,"note":"Fewer.","modifiedDetails":${edited}}`;
    const answer = await server.post<ReviewerApproval>(
      `/reviewer-api/approvals/${id}/decide`,
      body,
      await server.bearer('ana'),
    );
    expect([answer.status, answer.body.status]).toEqual([200, 'PENDING']);
    const [held] = (await read(id)).holds;
    expect(held).toMatchObject({ by: 'ana', decision: 'approve', edited: true });
    expect(Date.parse(held!.dueAt) - Date.parse(held!.heldAt)).toBe(8000);
    const list = await second.get<ApprovalList>('/reviewer-api/approvals?box=needs-you', await second.bearer('ben'));
    expect(list.body.approvals.find((each) => each.id === id)?.holds).toEqual([held]);
    const own = await second.get<OwnHolds>('/reviewer-api/holds', await second.bearer('ana'));
    expect(own.body.holds).toMatchObject([{ id, action: EMAIL_BLAST.action, decision: 'approve' }]);
    expect((await second.get<OwnHolds>('/reviewer-api/holds', await second.bearer('ben'))).body.holds).toEqual([]);
    const decided = await ended(id);
    expect(decided).toMatchObject({ status: 'APPROVED', decidedBy: 'ana', decisionNote: 'Fewer.', holds: [] });
    const lateMs = Date.parse(decided.decidedAt!) - Date.parse(held!.dueAt);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(1000);
    const { text } = await server.get(`/api/approvals/${id}`);
    expect(text).toContain(`"modifiedDetails":${edited}`);
    expect((await auditOf(id)).map(({ event, actor }) => [event, actor])).toEqual([
      ['approval-requested', 'assistant:comms'],
      ['decision-held', 'reviewer:ana'],
      ['approval-decided', 'reviewer:ana'],
    ]);
  });

  it.each([
    [{}, 0],
    [{ held: false }, 0],
    [{ held: true }, 5],
    [{ held: true, holdSeconds: 7 }, 7],
    [{ holdSeconds: 0, held: true }, 0],
  ])('%j → held for %i s', async (body, seconds) => {
    const id = await ask();
    const { status, holds } = (await server.decide(id, { decision: 'reject', ...body })).body;
    expect([status, holds.map(({ heldAt, dueAt }) => Date.parse(dueAt) - Date.parse(heldAt))]).toEqual(
      seconds === 0 ? ['REJECTED', []] : ['PENDING', [seconds * 1000]],
    );
    await undo([id]);
  });

  it('setting of the person → the seconds of a held decision', async () => {
    for (const [holdSeconds, expected] of [
      [12, 12],
      [0, 0],
      [null, 5],
    ] as const) {
      await server.send('PATCH', '/reviewer-api/settings', { holdSeconds }, await server.bearer('ana'));
      const id = await ask();
      const { holds } = (await server.decide(id, { decision: 'approve', held: true })).body;
      expect(holds.map(({ heldAt, dueAt }) => (Date.parse(dueAt) - Date.parse(heldAt)) / 1000)).toEqual(
        expected === 0 ? [] : [expected],
      );
      await undo([id]);
    }
    for (const holdSeconds of [-1, 61, 1.5, '5'])
      expect(
        (await server.send('PATCH', '/reviewer-api/settings', { holdSeconds }, await server.bearer('ana'))).status,
      ).toBe(400);
  });

  it.each([{ holdSeconds: 61 }, { holdSeconds: -1 }, { holdSeconds: 0.5 }, { held: 'yes' }])(
    '%j → refused, nothing held',
    async (body) => {
      const id = await ask();
      expect((await server.decide(id, { decision: 'approve', ...body })).status).toBe(400);
      expect(await read(id)).toMatchObject({ status: 'PENDING', holds: [] });
    },
  );

  it.each([
    [{ shown: 'something else' }, 409],
    [{ modifiedDetails: { recipient_count: 1 } }, 400],
    [{ decision: 'give-up' }, 400],
  ])('hold of a decision that %j would not make → refused at once', async (body, status) => {
    const id = await ask();
    expect((await hold(id, body)).status).toBe(status);
    expect((await read(id)).holds).toEqual([]);
  });

  it('undone by its author, on another server and twice → stays open', async () => {
    const id = await ask();
    await hold(id);
    expect(await undo([id])).toEqual([{ id, outcome: 'undone' }]);
    expect(await undo([id])).toMatchObject([{ id, outcome: 'nothing-held' }]);
    shiftMs += 61_000;
    const other = await ask();
    await hold(other, { holdSeconds: 1 });
    await ended(other);
    const { status, timeline } = await read(id);
    expect([status, timeline.map(({ event }) => event)]).toEqual(['PENDING', ['requested', 'held', 'undone']]);
  });

  it('undo by another person → refused, and the decision is made', async () => {
    const id = await ask();
    await hold(id);
    expect(await undo([id], 'ben')).toMatchObject([{ outcome: 'not-yours', error: expect.stringContaining('ana') }]);
    expect((await read(id)).holds).toHaveLength(1);
    shiftMs += 60_000;
    expect((await ended(id)).status).toBe('APPROVED');
    expect(await undo([id])).toMatchObject([{ outcome: 'already-closed' }]);
  });

  it('several decisions held at once → undone as a whole', async () => {
    const ids = await Promise.all([ask(), ask(), ask()]);
    const { body } = await server.post<DecideManyAnswer>(
      '/reviewer-api/approvals/decide',
      { ids, decision: 'approve', held: true },
      await server.bearer('ana'),
    );
    expect(body.results.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held']);
    expect((await undo(ids)).map(({ outcome }) => outcome)).toEqual(['undone', 'undone', 'undone']);
  });

  describe('dropped in the transaction of what came first', () => {
    const acts = {
      'decision of another person': (id: string) => second.decide(id, { decision: 'reject' }, 'ben'),
      'decision of the same person': (id: string) => second.decide(id, { decision: 'reject' }, 'ana'),
      withdrawal: (id: string) => server.post(`/api/approvals/${id}/withdraw`, { reason: 'withdrawn' }),
      expiry: async (id: string) => {
        shiftMs += 30_000;
        await server.get(`/api/approvals/${id}`);
      },
    };
    it.each(Object.keys(acts) as (keyof typeof acts)[])(
      '%s → one decision, the held one is in the audit',
      async (act) => {
        const id = await ask({ expiresAt: new Date(Date.now() + shiftMs + 30_000).toISOString() });
        await hold(id);
        await acts[act](id);
        const { status, holds } = await read(id);
        expect([status, holds]).toEqual(['REJECTED', []]);
        shiftMs += 61_000;
        const other = await ask();
        await hold(other, { holdSeconds: 1 });
        await ended(other);
        expect((await read(id)).status).toBe('REJECTED');
        const audit = await auditOf(id);
        expect(audit.filter(({ event }) => event === 'approval-decided')).toHaveLength(1);
        expect(audit.find(({ event }) => event === 'held-decision-dropped')?.facts).toEqual({
          by: 'ana',
          decision: 'approve',
          reason: act === 'decision of the same person' ? 'replaced' : 'closed',
        });
      },
    );

    it('kill switch → held approvals are dropped also if it ends at once, a held rejection is made', async () => {
      const [approved, rejected] = [await ask(), await ask()];
      await hold(approved);
      await hold(rejected, { decision: 'reject' });
      await admin('PUT', '/assistants/comms', { paused: true });
      await admin('PUT', '/assistants/comms', { paused: false });
      expect((await read(approved)).holds).toEqual([]);
      shiftMs += 60_000;
      expect((await ended(rejected)).status).toBe('REJECTED');
      const { status, timeline } = await read(approved);
      expect(status).toBe('PENDING');
      expect(timeline.at(-1)).toMatchObject({ event: 'hold-dropped', text: expect.stringContaining('is paused') });
    });

    it('newer held decision of the same person → takes its place', async () => {
      const id = await ask();
      await hold(id);
      await hold(id, { decision: 'reject', holdSeconds: 50 });
      expect((await read(id)).holds).toMatchObject([{ decision: 'reject' }]);
      shiftMs += 61_000;
      expect((await ended(id)).status).toBe('REJECTED');
    });

    it('held decisions of two people → the first is made, the other is dropped', async () => {
      const id = await ask();
      await hold(id, { holdSeconds: 50 });
      await hold(id, { decision: 'reject', holdSeconds: 40 }, 'ben');
      expect((await read(id)).holds.map(({ by }) => by)).toEqual(['ben', 'ana']);
      shiftMs += 41_000;
      expect(await ended(id)).toMatchObject({ status: 'REJECTED', decidedBy: 'ben' });
    });
  });

  describe('at its time a check fails → dropped, shown and in the audit, the request stays open', () => {
    it.each<[string, string, (id: string) => Promise<unknown>, () => Promise<void>]>([
      [
        'the request changed',
        'changed meanwhile',
        (id: string): Promise<unknown> =>
          database.kysely.updateTable('approvals').set({ summary: 'Other' }).where('id', '=', id).execute(),
        async () => undefined,
      ],
      [
        'the person lost the role',
        'not theirs to make',
        () => admin('PATCH', '/users/ana', { roles: ['auditor'] }),
        () => admin('PATCH', '/users/ana', { roles: ['reviewer', 'admin'] }),
      ],
      [
        'the person was removed',
        'not theirs to make',
        () => admin('DELETE', '/users/ana', undefined),
        async () => {
          const again = { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] };
          await server.post('/reviewer-api/users', again, await server.bearer('ben'));
        },
      ],
    ])('%s', async (_what, text, change, restore) => {
      const id = await ask();
      await hold(id);
      await change(id);
      shiftMs += 60_000;
      const { status, timeline } = await ended(id, 'the drop');
      await restore();
      expect(status).toBe('PENDING');
      expect(timeline.at(-1)).toMatchObject({ event: 'hold-dropped', text: expect.stringContaining(text) });
    });
  });

  it('undo, another decision and the time at once → one outcome', async () => {
    // Ana was removed above, which ended her sessions.
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const id = await ask();
      const byOther = round % 3 === 2;
      await (round % 2 === 0 ? server : second).decide(id, { decision: 'approve', holdSeconds: 1 }, 'ben');
      shiftMs += 1000 - round * 3;
      const reject = async () => (await second.decide(id, { decision: 'reject' }, 'ben')).status;
      const act = byOther
        ? (await reject()) === 200
          ? 'decided'
          : 'late'
        : (await undo([id], 'ben', round % 2 === 0 ? second : server))[0]!.outcome;
      const { status } = await ended(id);
      outcomes.add(`${act}, ${status}`);
      const decisions = (await auditOf(id)).filter(({ event }) => event === 'approval-decided');
      expect(decisions).toHaveLength(status === 'PENDING' ? 0 : 1);
    }
    const possible = ['undone, PENDING', 'already-closed, APPROVED', 'decided, REJECTED', 'late, APPROVED'];
    expect([...outcomes].filter((each) => !possible.includes(each))).toEqual([]);
  });

  it('all servers stop during a hold → made when one starts again', async () => {
    const ownUrl = await newDatabase();
    const first = await startTestServer(ownUrl);
    const { id } = (await first.ask()).body;
    await first.decide(id, { decision: 'approve', holdSeconds: 1 });
    await first.close();
    const next = await startTestServer(ownUrl);
    const { status } = await eventually('the decision', async () => {
      const { body } = await next.get(`/api/approvals/${id}`);
      return body.status !== 'PENDING' && body;
    });
    expect(status).toBe('APPROVED');
    await next.close();
  });
});
