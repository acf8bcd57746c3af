import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import type { AuditEntry, AuditVerdict } from '../src/contract/audit.ts';
import type { Delivery } from '../src/contract/deliveries.ts';
import type { ConnectionKey, NewKey } from '../src/contract/review-admin.ts';
import { deliverySchema } from '../src/contract/deliveries.ts';
import { connectionKeySchema } from '../src/contract/review-admin.ts';
import { verifyChain, type ChainedRow } from '../src/contract/audit-chain.ts';
import { startCallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { EMAIL_BLAST, KEY, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

const hourMs = 3_600_000;
const SECRET = `whsec_${Buffer.from('a webhook secret of the tests').toString('base64')}`;

onBothDatabases((newDatabase) => {
  let server: TestServer;
  let shiftMs = 0;
  let bearer: Record<string, string>;
  beforeAll(async () => {
    server = await startTestServer(await newDatabase(), {
      clock: () => new Date(Date.now() + shiftMs),
      webhookSecret: SECRET,
      reviewers: [
        { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] },
        { name: 'ben', password: PASSWORDS.ben, roles: ['auditor'] },
        { name: 'rita', password: 'a good password', roles: ['reviewer'] },
      ],
    });
    bearer = await server.bearer();
  });
  afterAll(() => server.close());

  const make = async (assistant = 'new') =>
    (await server.post<NewKey>('/reviewer-api/keys', { assistant }, bearer)).body;
  const act = <Body = NewKey>(id: string, what: 'rotate' | 'revoke', body: unknown = '') =>
    server.post<Body>(`/reviewer-api/keys/${id}/${what}`, body, bearer);
  const ask = (secret: string) =>
    server.post<{ error: string }>('/api/webhooks/inbound', EMAIL_BLAST, { 'x-api-key': secret });
  const audit = async (query: string) =>
    (await server.get<{ entries: AuditEntry[] }>(`/reviewer-api/audit?${query}`, bearer)).body.entries;

  describe('Connection Key', () => {
    it('created → works, its assistant exists, shown once', async () => {
      const { key, secret, replaced } = await make('brought about');
      expect(connectionKeySchema.parse(key)).toMatchObject({
        assistant: 'brought about',
        masked: `cq_live_••••${secret.slice(-4)}`,
        state: 'active',
        createdBy: 'ana',
        lastUsedAt: null,
        expiresAt: null,
        revokedAt: null,
      });
      expect(replaced).toBeNull();
      expect((await ask(secret)).status).toBe(200);
      const listed = await server.get<{ keys: ConnectionKey[] }>(
        '/reviewer-api/keys?assistant=brought%20about',
        bearer,
      );
      expect(listed.body.keys).toMatchObject([{ id: key.id, lastUsedAt: expect.any(String) }]);
      // Uses are recorded by the hour, which began before the key existed.
      expect(listed.body.keys.filter(({ lastUsedAt, createdAt }) => lastUsedAt! < createdAt)).toEqual([]);
      expect(listed.text).not.toContain(secret);
      expect(
        (await server.get<{ keys: ConnectionKey[] }>('/reviewer-api/keys', bearer)).body.keys.map(
          ({ assistant }) => assistant,
        ),
      ).toEqual(expect.arrayContaining(['comms', 'other', 'brought about']));
    });

    it('rotated → ends at once; the new one is for the same assistant', async () => {
      const old = await make();
      const {
        body: { id },
      } = await server.post('/api/webhooks/inbound', EMAIL_BLAST, { 'x-api-key': old.secret });
      const { status, body: fresh } = await act(old.key.id, 'rotate');
      expect([status, fresh.replaced?.state, fresh.key.assistant]).toEqual([201, 'revoked', 'new']);
      const refused = await ask(old.secret);
      expect([refused.status, refused.body.error]).toEqual([
        401,
        expect.stringMatching(/ended on \d{4}-.*Use the one that replaced it/),
      ]);
      expect((await server.get(`/api/approvals/${id}`, { 'x-api-key': fresh.secret })).status).toBe(200);
    });

    it('rotated with an overlap → works until its end, no second rotation', async () => {
      const old = await make();
      const { body: fresh } = await act(old.key.id, 'rotate', { overlapSeconds: 7200 });
      expect(fresh.replaced).toMatchObject({ state: 'retiring', revokedAt: null });
      expect((await ask(old.secret)).status).toBe(200);
      const again = await act<{ error: string }>(old.key.id, 'rotate');
      expect([again.status, again.body.error]).toEqual([409, expect.stringContaining('was replaced and works until')]);
      shiftMs += 3 * hourMs;
      expect([(await ask(old.secret)).status, (await ask(fresh.secret)).status]).toEqual([401, 200]);
    });

    it('revoked twice → ends at once, the second time changes nothing', async () => {
      const { key, secret } = await make();
      const first = await act<ConnectionKey>(key.id, 'revoke');
      expect(first.body).toMatchObject({ state: 'revoked', revokedAt: expect.any(String) });
      expect((await act<ConnectionKey>(key.id, 'revoke')).body).toEqual(first.body);
      expect((await ask(secret)).status).toBe(401);
      expect((await act(key.id, 'rotate')).status).toBe(409);
      expect((await act('key_unknown', 'revoke')).status).toBe(404);
    });

    it.each([[{}], [{ assistant: '' }], [{ assistant: 'a\nb' }], [{ assistant: 'x', key: 'mine' }]])(
      'body %j → refused',
      async (body) => {
        expect((await server.post('/reviewer-api/keys', body, bearer)).status).toBe(400);
      },
    );

    it('audit → creation, rotation, revocation, and one use per hour', async () => {
      const { key, secret } = await make();
      for (let call = 0; call < 3; call += 1) await ask(secret);
      shiftMs += hourMs;
      await Promise.all([ask(secret), ask(secret), ask(secret)]);
      await act(key.id, 'revoke');
      expect((await audit(`subject=${key.id}`)).map(({ event, actor }) => [event, actor])).toEqual([
        ['key-revoked', 'reviewer:ana'],
        ['key-used', 'assistant:new'],
        ['key-used', 'assistant:new'],
        ['key-added', 'reviewer:ana'],
      ]);
    });
  });

  it('administration: no sign-in → refused', async () => {
    for (const path of ['keys', 'assistants', 'rules', 'deliveries', 'audit', 'audit/verify', 'audit/export']) {
      const answer = await server.get<{ error: string }>(`/reviewer-api/${path}`, { 'x-api-key': KEY });
      expect([path, answer.status, answer.body.error]).toEqual([path, 401, expect.stringContaining('Not signed in')]);
    }
  });

  it('administration: auditor → reads all, changes nothing; reviewer → neither', async () => {
    const auditor = await server.bearer('ben');
    const {
      body: { token },
    } = await server.post<{ token: string }>(
      '/reviewer-api/session',
      { name: 'rita', password: 'a good password' },
      {},
    );
    const reviewer = { authorization: `Bearer ${token}` };
    for (const path of [
      'keys',
      'assistants',
      'assistants/comms',
      'rules',
      'deliveries',
      'audit',
      'audit/verify',
      'audit/export',
    ]) {
      expect([
        path,
        (await server.get(`/reviewer-api/${path}`, auditor)).status,
        (await server.get(`/reviewer-api/${path}`, reviewer)).status,
      ]).toEqual([path, 200, 403]);
    }
    const rule = { conditions: [], decision: 'reject' };
    expect([
      (await server.post('/reviewer-api/rules/try', rule, auditor)).status,
      (await server.post('/reviewer-api/rules/try', rule, reviewer)).status,
    ]).toEqual([200, 403]);
    for (const who of [auditor, reviewer]) {
      const refused = [
        server.post('/reviewer-api/keys', { assistant: 'x' }, who),
        server.post('/reviewer-api/keys/k/rotate', '', who),
        server.post('/reviewer-api/keys/k/revoke', '', who),
        server.send('PUT', '/reviewer-api/assistants/comms', { paused: true }, who),
        server.post('/reviewer-api/rules', { name: 'x', ...rule }, who),
        server.send('PATCH', '/reviewer-api/rules/r', {}, who),
        server.send('DELETE', '/reviewer-api/rules/r', undefined, who),
        server.post('/reviewer-api/deliveries/d/resend', '', who),
      ];
      expect((await Promise.all(refused)).map(({ status }) => status)).toEqual(refused.map(() => 403));
    }
  });

  it('delivery → every attempt, both signatures, can be sent again', async () => {
    const receiver = await startCallbackReceiver();
    try {
      receiver.answers.push({ status: 503 });
      const {
        body: { id },
      } = await server.ask({ callbackUrl: `${receiver.url}/hook?token=canary` });
      await server.decide(id, { decision: 'approve', note: 'Ünïcode.' });
      const read = async () =>
        (await server.get<{ deliveries: Delivery[] }>(`/reviewer-api/deliveries?approval=${id}`, bearer)).body
          .deliveries[0]!;
      await eventually('both attempts', async () => (await read())?.state === 'delivered');
      const delivery = deliverySchema.parse(await read());
      expect(delivery).toMatchObject({
        approvalId: id,
        to: receiver.url,
        nextAttemptAt: null,
        givenUpAt: null,
        attempts: [
          { number: 1, status: 503, problem: 'The receiver answered 503.' },
          { number: 2, status: 200, problem: null },
        ],
      });

      const resent = await server.post<Delivery>(`/reviewer-api/deliveries/${delivery.id}/resend`, '', bearer);
      expect([resent.status, resent.body.state]).toEqual([202, 'due']);
      await eventually('the third', async () => (await read()).attempts.length === 3);
      expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
      for (const { headers, text } of receiver.received) {
        const signature = new Webhook(SECRET).sign(
          delivery.id,
          new Date(Number(headers['webhook-timestamp']) * 1000),
          text,
        );
        expect(headers).toMatchObject({
          'webhook-id': delivery.id,
          'webhook-signature': signature,
          'x-cheqpoint-signature': createHmac('sha256', SECRET).update(text).digest('hex'),
        });
      }
      expect((await audit(`subject=${id}`)).map(({ event }) => event)).toEqual([
        'delivery-resent',
        'approval-decided',
        'approval-requested',
      ]);
      expect((await server.post('/reviewer-api/deliveries/unknown/resend', '', bearer)).status).toBe(404);
    } finally {
      await receiver.stop();
    }
  });

  it('deliveries → listed by state, page by page', async () => {
    for (let count = 0; count < 3; count += 1) {
      const {
        body: { id },
      } = await server.ask({ callbackUrl: 'http://127.0.0.1:1/nobody' });
      await server.decide(id, { decision: 'reject' });
    }
    type Page = { deliveries: Delivery[]; nextCursor: string | null };
    const first = (await server.get<Page>('/reviewer-api/deliveries?state=due&limit=2', bearer)).body;
    const second = (
      await server.get<Page>(`/reviewer-api/deliveries?state=due&limit=2&cursor=${first.nextCursor}`, bearer)
    ).body;
    expect([first.deliveries.length, second.deliveries.length, second.nextCursor]).toEqual([2, 1, null]);
    expect((await server.get<Page>('/reviewer-api/deliveries?state=given-up', bearer)).body.deliveries).toEqual([]);
    expect((await server.get('/reviewer-api/deliveries?state=lost', bearer)).status).toBe(400);
  });

  it('rules, kill switch, limits → in the audit, word for word', async () => {
    const {
      body: { id },
    } = await server.post<{ id: string }>(
      '/reviewer-api/rules',
      { name: 'r', conditions: [{ field: 'action', operator: 'is', value: 'x' }], decision: 'reject' },
      bearer,
    );
    await server.send('PATCH', `/reviewer-api/rules/${id}`, { enabled: true }, bearer);
    await server.send('DELETE', `/reviewer-api/rules/${id}`, undefined, bearer);
    expect(
      (await audit(`subject=${id}`)).map(({ event, facts }) => [event, facts['enabled'], facts['conditions']]),
    ).toEqual([
      ['rule-removed', true, '[{"field":"action","operator":"is","value":"x"}]'],
      ['rule-changed', true, expect.any(String)],
      ['rule-added', false, expect.any(String)],
    ]);
    const put = (body: object) => server.send('PUT', '/reviewer-api/assistants/other', body, bearer);
    await put({ paused: true, limits: { requestsPerHour: 5 } });
    await put({ paused: true, limits: { requestsPerHour: 5 } });
    await put({ paused: false });
    expect((await audit('subject=other')).map(({ event }) => event)).toEqual([
      'assistant-resumed',
      'limits-changed',
      'assistant-paused',
    ]);
  });

  describe('audit', () => {
    it('list → newest first, page by page, by event and actor', async () => {
      type Page = { entries: AuditEntry[]; nextCursor: string | null };
      const first = (await server.get<Page>('/reviewer-api/audit?limit=5', bearer)).body;
      const second = (await server.get<Page>(`/reviewer-api/audit?limit=5&cursor=${first.nextCursor}`, bearer)).body;
      // The first page begins with the entries that are not linked yet.
      const linked = [...first.entries, ...second.entries].filter(({ sequence }) => sequence !== null);
      const sequences = linked.map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: 10 }, (_, index) => sequences[0]! - index));
      expect(
        new Set((await audit('event=signed-in&actor=reviewer:ana')).map(({ event, actor }) => `${event} ${actor}`)),
      ).toEqual(new Set(['signed-in reviewer:ana']));
    });

    it('export → verifiable JSON lines, and CSV', async () => {
      const verdict = (await server.get<AuditVerdict>('/reviewer-api/audit/verify', bearer)).body;
      expect(verdict).toEqual({ ok: true, rows: expect.any(Number), head: expect.any(String), unlinked: 0 });
      const jsonl = await server.get('/reviewer-api/audit/export', bearer);
      expect([jsonl.headers.get('content-type'), jsonl.headers.get('content-disposition')]).toEqual([
        'application/jsonl; charset=utf-8',
        expect.stringMatching(/^attachment; filename="holdpoint-audit-.*\.jsonl"$/),
      ]);
      const rows = jsonl.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as AuditEntry)
        .map(
          ({ facts, previousHash, ...row }) =>
            ({ ...row, facts: JSON.stringify(facts), previous_hash: previousHash }) as ChainedRow,
        );
      expect(await verifyChain(each(rows))).toEqual(verdict);
      expect(await verifyChain(each(rows.toSpliced(3, 1)))).toEqual({
        ok: false,
        sequence: 4,
        problem: 'A row is missing: 5 comes after 3.',
      });
      expect(await verifyChain(each(rows.with(3, { ...rows[3]!, actor: 'reviewer:eve' })))).toMatchObject({
        ok: false,
        sequence: 4,
      });
      const csv = (await server.get('/reviewer-api/audit/export?format=csv', bearer)).text.trimEnd().split('\n');
      expect([csv[0], csv.length]).toEqual([
        'sequence,at,actor,event,subject,facts,previousHash,hash',
        rows.length + 1,
      ]);
    });

    it('CSV → no formulas in a spreadsheet', async () => {
      await make('=cmd()');
      await server.send('PUT', '/reviewer-api/assistants/=cmd()', { paused: true }, bearer);
      expect((await server.get('/reviewer-api/audit/export?format=csv', bearer)).text).toContain(
        ",assistant-paused,'=cmd(),",
      );
    });
  });
});

async function* each<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}
