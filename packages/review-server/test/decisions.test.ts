import { setTimeout as pause } from 'node:timers/promises';
import { array, assert, asyncProperty, constantFrom, integer, option, tuple } from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { verifyAudit } from '../src/store/audit-trail.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { EMAIL_BLAST, OTHER_KEY, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

const editedDetails = { ...EMAIL_BLAST.details, recipient_count: 50 };
const hourMs = 3_600_000;

onBothDatabases((newDatabase) => {
  let server: TestServer;
  let second: TestServer;
  let database: ReviewDatabase;
  let shiftMs = 0;

  beforeAll(async () => {
    const databaseUrl = await newDatabase();
    const clock = () => new Date(Date.now() + shiftMs);
    server = await startTestServer(databaseUrl, { clock });
    // A SQLite file is for one process.
    second = databaseUrl.startsWith('postgres') ? await startTestServer(databaseUrl, { clock }) : server;
    database = await openReviewDatabase(databaseUrl, () => undefined);
  });
  afterAll(async () => {
    await database.kysely.destroy();
    if (second !== server) await second.close();
    await server.close();
  });

  const decisionsInAudit = async (id: string) => {
    await linkAudit({ database });
    const found = await database.kysely
      .selectFrom('audit')
      .selectAll()
      .where('subject', '=', id)
      .where('event', '=', 'approval-decided')
      .execute();
    return found.length;
  };
  const ask = async (more: object = {}) => (await server.ask(more)).body.id;

  describe('deciding', () => {
    it('decided twice → the second decider gets the first decision, its decider and time', async () => {
      const id = await ask();
      await server.decide(id, { decision: 'reject', note: 'No.' }, 'ben');
      const { status, body } = await second.decide(id, { decision: 'approve' }, 'ana');
      expect(status).toBe(409);
      expect(body.error).toMatch(/Already rejected by ben at \d{4}-/);
      expect(body.approval).toMatchObject({ id, status: 'REJECTED', decidedBy: 'ben' });
      expect((await server.get(`/api/approvals/${id}`)).body).toMatchObject({
        status: 'REJECTED',
        decisionNote: 'No.',
      });
    });

    it('decided, withdrawn and expired at once → exactly one outcome', async () => {
      const acts = {
        approve: (id: string) => server.decide(id, { decision: 'approve' }, 'ana'),
        edit: (id: string) => second.decide(id, { decision: 'approve', modifiedDetails: editedDetails }, 'ben'),
        reject: (id: string) => second.decide(id, { decision: 'reject' }, 'ben'),
        withdraw: (id: string) => server.post(`/api/approvals/${id}/withdraw`, { reason: 'withdrawn' }),
        supersede: (id: string) => second.post(`/api/approvals/${id}/withdraw`, { reason: 'superseded' }),
        read: (id: string) => server.get(`/api/approvals/${id}`),
        readThere: (id: string) => second.get(`/api/approvals/${id}`),
      };
      const names = Object.keys(acts) as (keyof typeof acts)[];
      const reasons = new Set<string | null>();
      // Acts begin some milliseconds before or after the expiry, if there is one.
      const plan = array(tuple(constantFrom(...names), integer({ min: 0, max: 20 })), { minLength: 2, maxLength: 6 });
      await assert(
        asyncProperty(plan, option(integer({ min: 0, max: 25 })), async (chosen, expiresInMs) => {
          const id = await ask({
            callbackUrl: 'http://127.0.0.1:1/nobody',
            ...(expiresInMs === null ? {} : { expiresAt: new Date(Date.now() + shiftMs + expiresInMs).toISOString() }),
          });
          const answers = await Promise.all(
            chosen.map(async ([name, afterMs]) => {
              await pause(afterMs);
              return { name, ...(await acts[name](id)) };
            }),
          );
          const read = async () => (await server.get(`/api/approvals/${id}`)).body;
          const final =
            expiresInMs === null
              ? await read()
              : await eventually('the expiry', async () => (await read()).status !== 'PENDING' && read());
          reasons.add(final.decisionReasonCode);
          const won = answers.filter(
            ({ status, name }) => status === 200 && ['approve', 'edit', 'reject'].includes(name),
          );
          const byPerson = final.decisionReasonCode === 'person';
          expect(won.map(({ body }) => [body.status, body.decidedBy, body.modifiedDetails])).toEqual(
            byPerson ? [[final.status, final.decidedBy, final.modifiedDetails]] : [],
          );
          expect(await decisionsInAudit(id)).toBe(final.status === 'PENDING' ? 0 : 1);
          const deliveries = await database.kysely
            .selectFrom('outbox')
            .selectAll()
            .where('approval_id', '=', id)
            .execute();
          expect(deliveries.map(({ body }) => (JSON.parse(body) as typeof final).status)).toEqual(
            byPerson || final.decisionReasonCode === 'expired' ? [final.status] : [],
          );
        }),
        {
          numRuns: 30,
          examples: [
            [
              [
                ['read', 20],
                ['readThere', 20],
              ],
              1,
            ],
            [
              [
                ['withdraw', 0],
                ['withdraw', 1],
              ],
              null,
            ],
            [
              [
                ['approve', 0],
                ['reject', 0],
                ['edit', 1],
              ],
              null,
            ],
          ],
        },
      );
      expect([...reasons]).toEqual(expect.arrayContaining(['person', 'expired', 'withdrawn']));
      // Each of the 30 runs waits for an expiry at most. Together they take long on a busy machine.
    }, 240_000);

    it('audit can’t be written → nothing is decided and nothing is delivered', async () => {
      const id = await ask({ callbackUrl: 'http://127.0.0.1:1/nobody' });
      await server.bearer('ben');
      const table = database.kind === 'postgres' ? 'audit_pending' : 'audit';
      await sql.raw(`alter table ${table} rename to away`).execute(database.kysely);
      const { status } = await server.decide(id, { decision: 'approve' }, 'ben');
      await sql.raw(`alter table away rename to ${table}`).execute(database.kysely);
      expect(status).toBe(500);
      const { body } = await server.get(`/api/approvals/${id}`);
      expect([body.status, body.decidedBy]).toEqual(['PENDING', null]);
      expect(await database.kysely.selectFrom('outbox').select('id').where('approval_id', '=', id).execute()).toEqual(
        [],
      );
    });

    it('edit of Holdpoint’s reserved key → unchanged', async () => {
      const holdpoint = { callKey: 'k', mac: 'm' };
      for (const sent of [
        editedDetails,
        { ...editedDetails, holdpoint: { callKey: 'forged' } },
        { ...editedDetails, holdpoint: null },
      ]) {
        const id = await ask({ details: { ...EMAIL_BLAST.details, holdpoint } });
        expect((await server.decide(id, { decision: 'approve', modifiedDetails: sent })).body).toMatchObject({
          modifiedDetails: { ...editedDetails, holdpoint },
          details: { holdpoint },
        });
      }
      const id = await ask();
      expect(
        (await server.decide(id, { decision: 'approve', modifiedDetails: { ...editedDetails, holdpoint } })).body
          .modifiedDetails,
      ).toEqual(editedDetails);
    });

    it('edit without a change, in any key order → stored as no edit', async () => {
      const id = await ask();
      const same = Object.fromEntries(Object.entries(EMAIL_BLAST.details).toReversed());
      expect((await server.decide(id, { decision: 'approve', modifiedDetails: same })).body.modifiedDetails).toBeNull();
    });

    it.each([
      ['that lacks keys', { recipient_count: 50 }, 'Missing: template, subject'],
      ['against the arguments’ schema', { ...editedDetails, recipient_count: 'fifty' }, 'recipient_count'],
    ])('edit %s → refused, stays open', async (_what, modifiedDetails, text) => {
      const id = await ask({
        argumentsSchema: {
          type: 'object',
          properties: { recipient_count: { type: 'integer' } },
          required: ['recipient_count'],
        },
      });
      const { status, body } = await server.decide(id, { decision: 'approve', modifiedDetails });
      expect([status, body.error]).toEqual([400, expect.stringContaining(text)]);
      expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
    });

    it.each([
      [{ decision: 'maybe' }, 'decision'],
      [{}, 'decision'],
      [{ decision: 'reject', modifiedDetails: editedDetails }, 'modifiedDetails'],
      [{ decision: 'approve', modifiedDetails: [1] }, 'modifiedDetails'],
      [{ decision: 'approve', note: 7 }, 'note'],
    ])('%j → refused', async (body, field) => {
      const id = await ask();
      const answer = await server.decide(id, body);
      expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(field)]);
    });

    it('name in the body → ignored, the sign-in counts', async () => {
      const id = await ask();
      expect(
        (await server.decide(id, { decision: 'approve', reviewer: 'ben', decidedBy: 'ben' }, 'ana')).body.decidedBy,
      ).toBe('ana');
    });
  });

  describe('withdrawing', () => {
    it.each(['withdrawn', 'superseded', 'expired'] as const)(
      'open request, twice → closed as %s, the second time changes nothing',
      async (reason) => {
        const id = await ask();
        const first = await server.post(`/api/approvals/${id}/withdraw`, { reason });
        expect(first.body).toMatchObject({
          status: 'REJECTED',
          decisionReasonCode: reason,
          decidedBy: null,
          retryable: reason === 'expired',
        });
        expect((await second.post(`/api/approvals/${id}/withdraw`, { reason: 'withdrawn' })).body).toEqual(first.body);
      },
    );

    it('decided before → returns the decision', async () => {
      const id = await ask();
      await server.decide(id, { decision: 'approve' });
      expect((await server.post(`/api/approvals/${id}/withdraw`, { reason: 'expired' })).body).toMatchObject({
        status: 'APPROVED',
        decisionReasonCode: 'person',
      });
    });

    it('unknown reason → refused', async () => {
      expect((await server.post(`/api/approvals/${await ask()}/withdraw`, { reason: 'bored' })).status).toBe(400);
    });
  });

  describe('expiry', () => {
    const soon = () => ({ expiresAt: new Date(Date.now() + shiftMs + hourMs).toISOString() });

    it('next read → closed, retryable, without a decider', async () => {
      const id = await ask(soon());
      expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
      shiftMs += 2 * hourMs;
      expect((await second.get(`/api/approvals/${id}`)).body).toMatchObject({
        status: 'REJECTED',
        decisionReasonCode: 'expired',
        retryable: true,
        decidedBy: null,
        autoDecided: false,
      });
    });

    it('late decision → refused, the decider gets the expiry', async () => {
      const id = await ask(soon());
      shiftMs += 2 * hourMs;
      const { status, body } = await server.decide(id, { decision: 'approve' });
      expect([status, body.error]).toEqual([409, expect.stringContaining('expired')]);
    });

    it('decision in time → stays', async () => {
      const id = await ask(soon());
      await server.decide(id, { decision: 'approve' });
      shiftMs += 2 * hourMs;
      expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('APPROVED');
    });

    it('no reads → closed by the sweep', async () => {
      const id = await ask(soon());
      shiftMs += 2 * hourMs;
      expect(await eventually('the sweep', async () => (await decisionsInAudit(id)) === 1)).toBe(true);
    });
  });

  it('session of another server → known, and its end too', async () => {
    const {
      body: { token },
    } = await server.post<{ token: string }>('/reviewer-api/session', { name: 'ben', password: PASSWORDS.ben }, {});
    const bearer = { authorization: `Bearer ${token}` };
    expect((await second.get('/reviewer-api/session', bearer)).status).toBe(200);
    await second.send('DELETE', '/reviewer-api/session', undefined, bearer);
    expect((await server.get('/reviewer-api/session', bearer)).status).toBe(401);
  });

  it('decision → wakes a request held by another server process', async () => {
    const holding = second.post('/api/webhooks/inbound', {
      ...EMAIL_BLAST,
      summary: 'held elsewhere',
      maxWaitMs: 10_000,
    });
    const id = await eventually(
      'the held request',
      async () =>
        (
          await server.get<{ approvals: { id: string; summary: string }[] }>(
            '/reviewer-api/approvals?status=pending',
            await server.bearer(),
          )
        ).body.approvals.find(({ summary }) => summary === 'held elsewhere')?.id,
    );
    await server.decide(id, { decision: 'approve' });
    expect((await holding).body).toMatchObject({ id, status: 'approved' });
  });

  it('withdrawal → nothing about other assistants', async () => {
    expect(
      (await server.post(`/api/approvals/${await ask()}/withdraw`, { reason: 'withdrawn' }, { 'x-api-key': OTHER_KEY }))
        .status,
    ).toBe(404);
  });

  describe('audit', () => {
    it('all of the above → a whole chain without payloads and notes', async () => {
      await server.decide(await ask({ details: { secret: 'canary-details' } }), {
        decision: 'reject',
        note: 'canary-note',
      });
      expect(await verifyAudit(database.kysely)).toEqual({
        ok: true,
        rows: expect.any(Number),
        head: expect.stringMatching(/^[0-9a-f]{64}$/),
        unlinked: expect.any(Number),
      });
      await linkAudit({ database });
      expect(JSON.stringify(await database.kysely.selectFrom('audit').selectAll().execute())).not.toMatch(
        /canary|weekly_update/,
      );
    });

    it('overwritten actor → found', async () => {
      const undone = await database.kysely.startTransaction().execute();
      await sql
        .raw(database.kind === 'postgres' ? 'drop trigger audit_no_change on audit' : 'drop trigger audit_no_update')
        .execute(undone);
      await undone.updateTable('audit').set({ actor: 'reviewer:mallory' }).where('sequence', '=', 2).execute();
      const verdict = await verifyAudit(undone);
      await undone.rollback().execute();
      expect(verdict).toEqual({ ok: false, sequence: 2, problem: 'The row was changed after it was written.' });
    });

    it('changed or shortened → refused; changed around the check → found', async () => {
      await expect(database.kysely.updateTable('audit').set({ actor: 'nobody' }).execute()).rejects.toThrow(
        /append-only/,
      );
      await expect(database.kysely.deleteFrom('audit').execute()).rejects.toThrow(/append-only/);
      const undone = await database.kysely.startTransaction().execute();
      const { sequence } = await undone.selectFrom('audit_head').select('sequence').executeTakeFirstOrThrow();
      await undone
        .insertInto('audit')
        .values({
          sequence: sequence + 1,
          at: '',
          actor: 'forger',
          event: '',
          subject: '',
          facts: '',
          previous_hash: '',
          hash: '',
        })
        .execute();
      await undone
        .updateTable('audit_head')
        .set({ sequence: sequence + 1, hash: '' })
        .execute();
      const verdict = await verifyAudit(undone);
      await undone.rollback().execute();
      expect(verdict).toEqual({
        ok: false,
        sequence: sequence + 1,
        problem: 'The row does not follow from the one before it.',
      });
    });
  });
});
