import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditVerdict } from '../src/contract/audit.ts';
import type { RemovalReport } from '../src/contract/removals.ts';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

const dayMs = 86_400_000;
const canary = 'zanzibar-canary';

onBothDatabases((newDatabase) => {
  let now = Date.now();
  let server: TestServer;
  let database: ReviewDatabase;
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl, {
      reviewers: [
        { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] },
        { name: 'ben', password: PASSWORDS.ben },
      ],
      clock: () => new Date(now),
    });
    database = await openReviewDatabase(databaseUrl, () => undefined);
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  const remove = async (body: object, as: 'ana' | 'ben' = 'ana') =>
    await server.post<RemovalReport & { error?: string }>('/reviewer-api/removals', body, await server.bearer(as));
  const decidedBefore = (daysAgo: number) => new Date(now - daysAgo * dayMs).toISOString();
  const statusOf = async (id: string) => (await server.get(`/api/approvals/${id}`)).status;
  const verdict = async () =>
    (await server.get<AuditVerdict>('/reviewer-api/audit/verify', await server.bearer())).body;

  /** Every text of every table, the audit included. */
  async function everything(): Promise<string> {
    await linkAudit({ database });
    const tables = await database.kysely.introspection.getTables();
    const texts = [];
    for (const { name } of tables) {
      if (name.startsWith('approval_search_index')) continue;
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.kysely);
      texts.push(`${name}: ${JSON.stringify(rows)}`);
    }
    return texts.join('\n');
  }

  /** A decided approval with a part in most tables, each with the canary. */
  async function askWithParts(details: object, more: object = {}): Promise<string> {
    const { id } = (await server.ask({ details: { ...details, text: canary }, subject: canary, ...more })).body;
    const api = `/reviewer-api/approvals/${id}`;
    await server.post(`${api}/comments`, { text: `comment ${canary}` }, await server.bearer('ben'));
    await server.post(`${api}/questions`, { text: `question ${canary}` }, await server.bearer('ben'));
    await server.decide(id, { decision: 'approve', note: `note ${canary}` }, 'ben');
    return id;
  }

  describe('erasure', () => {
    it('person in the arguments or the context → all their texts are gone, the audit verifies', async () => {
      const byArguments = await askWithParts({ customer: { id: 17 } });
      const byContext = await askWithParts({ holdpoint: { context: { customer: { id: '17' } } } });
      const inList = await askWithParts({ customer: [{ id: '1' }, { id: '17' }] });
      const other = (await server.ask({ details: { customer: { id: '171' } } })).body.id;
      await server.decide(other, { decision: 'approve' });
      expect(await everything()).toContain(canary);

      const counted = await remove({ field: 'customer.id', value: '17', dryRun: true });
      expect(counted.body).toEqual({ dryRun: true, approvals: 3, rows: {}, open: [], more: false });
      const { body } = await remove({ field: 'customer.id', value: '17' });
      expect(body).toMatchObject({
        approvals: 3,
        rows: { approvals: 3, comments: 3, questions: 3, approval_search: 3 },
        open: [],
        more: false,
      });

      expect(await everything()).not.toContain(canary);
      for (const id of [byArguments, byContext, inList]) expect(await statusOf(id)).toBe(404);
      expect(await statusOf(other)).toBe(200);
      expect(await verdict()).toMatchObject({ ok: true });
      const entries = await database.reads.selectFrom('audit').selectAll().where('subject', '=', byContext).execute();
      expect(entries.map(({ event, actor }) => [event, actor]).at(-1)).toEqual(['approval-removed', 'reviewer:ana']);
      expect(entries.at(-1)?.facts).toBe('{"cause":"erasure","field":"customer.id"}');
    });

    it('digests of the audit → keyed, so that a guess can not be tried on them', async () => {
      const { id } = (await server.ask({ details: { guess: 'me' } })).body;
      await server.decide(id, { decision: 'reject', note: 'no' });
      await linkAudit({ database });
      const facts = await database.reads.selectFrom('audit').select('facts').where('subject', '=', id).execute();
      expect(JSON.stringify(facts)).toMatch(/detailsHmac.*noteHmac/);
      expect(JSON.stringify(facts)).not.toContain('Sha256');
      const { text } = await server.get(`/reviewer-api/approvals/${id}`, await server.bearer());
      const { audit_key } = await database.reads
        .selectFrom('approvals')
        .select('audit_key')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      expect(audit_key).toMatch(/^[\da-f]{64}$/);
      expect(text).not.toContain(audit_key);
    });

    it('open approval about the person → named, and it stays', async () => {
      const { id } = (await server.ask({ onBehalfOf: 'ada', details: { user: 'ada' } })).body;
      expect((await remove({ field: 'onBehalfOf', value: 'ada' })).body).toMatchObject({ approvals: 0, open: [id] });
      expect((await remove({ field: 'user', value: 'ada' })).body).toMatchObject({ approvals: 0, open: [id] });
      expect(await statusOf(id)).toBe(200);
      await server.decide(id, { decision: 'reject' });
      expect((await remove({ field: 'user', value: 'ada' })).body).toMatchObject({ approvals: 1, open: [] });
      expect(await statusOf(id)).toBe(404);
    });

    it('"subject" of the request, or a field of the metadata → found', async () => {
      const subject = (await server.ask({ subject: 'invoice 4' })).body.id;
      const metadata = (await server.ask({ metadata: { 'order.id': 9 } })).body.id;
      for (const id of [subject, metadata]) await server.decide(id, { decision: 'reject' });
      expect((await remove({ field: 'subject', value: 'invoice 4' })).body.approvals).toBe(1);
      expect((await remove({ field: 'order.id', value: '9' })).body.approvals).toBe(1);
    });
  });

  describe('retention', () => {
    it('decided before → gone; decided later, open, or a callback still tried → stays', async () => {
      const old = await askWithParts({});
      const undelivered = (await server.ask({ callbackUrl: 'http://127.0.0.1:9/never' })).body.id;
      await server.decide(undelivered, { decision: 'approve' });
      const open = (await server.ask({ details: { open: true } })).body.id;
      now += 2.5 * dayMs;
      await server.close();
      server = await startTestServer(databaseUrl, {
        reviewers: [{ name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] }],
        clock: () => new Date(now),
      });
      const young = (await server.ask({ details: { young: true } })).body.id;
      await server.decide(young, { decision: 'reject' });

      const counted = (await remove({ decidedBefore: decidedBefore(2), dryRun: true })).body;
      expect(counted.approvals).toBeGreaterThan(0);
      expect((await remove({ decidedBefore: decidedBefore(2) })).body).toMatchObject({
        approvals: counted.approvals,
        more: false,
      });
      expect(await statusOf(old)).toBe(404);
      for (const id of [undelivered, open, young]) expect(await statusOf(id)).toBe(200);
      expect(await everything()).not.toContain(canary);
      expect(await verdict()).toMatchObject({ ok: true });
    });

    it('a time less than a day ago → 400', async () => {
      const { status, body } = await remove({ decidedBefore: decidedBefore(0.5) });
      expect([status, body.error]).toEqual([400, 'decidedBefore: must be a day ago at least.']);
    });
  });

  it('role without administration → 403', async () => {
    const only = await startTestServer(await newDatabase());
    const body = { field: 'user', value: 'ada' };
    expect((await only.post('/reviewer-api/removals', body, await only.bearer('ben'))).status).toBe(403);
    await only.close();
  });

  it('retention of the server → removes old approvals in rounds, as "system"', async () => {
    let later = 0;
    const url = await newDatabase();
    const kept = await startTestServer(url, {
      retention: { keepMs: dayMs, everyMs: 20 },
      clock: () => new Date(Date.now() + later),
    });
    const { id } = (await kept.ask()).body;
    await kept.decide(id, { decision: 'approve' });
    const status = async () => (await kept.get(`/api/approvals/${id}`)).status;
    expect(await status()).toBe(200);
    later = 2 * dayMs;
    await eventually('the approval is removed', async () => (await status()) === 404);
    await kept.close();
  });

  it('two calls at once → each approval is removed once', async () => {
    for (let made = 0; made < 30; made += 1) {
      const { id } = (await server.ask({ details: { batch: made } })).body;
      await server.decide(id, { decision: 'reject' });
    }
    const both = await Promise.all([0, 1].map(() => remove({ field: 'batch', value: '7' })));
    expect(both.reduce((sum, { body }) => sum + (body.rows['approvals'] ?? 0), 0)).toBe(1);
  });
});
