import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalAnswerSchema, holdSchema } from '@holdpoint/cheqpoint/wire';
import type { ApprovalList, ReviewerApproval } from '../src/contract/reviewer-api.ts';
import { requestedAt } from './requested-at.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { EMAIL_BLAST, KEY, OTHER_KEY, ROTATED_KEY, startTestServer, type TestServer } from './test-server.ts';

const oddDetails =
  '{"action":"a","summary":"s","details":{"charge":123456789012345680000,"amount":1.0,"__proto__":{"x":1},"note":"x"}}';

onBothDatabases((newDatabase) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(await newDatabase(), { publicUrl: 'https://review.example/' });
  });
  afterAll(() => server.close());

  describe('creating', () => {
    it('request endpoint → upper case; inbound endpoint → lower case', async () => {
      const [byRequest, byInbound] = [await server.post('/api/approvals/request', EMAIL_BLAST), await server.ask()];
      expect(byRequest.status).toBe(200);
      expect(approvalAnswerSchema.parse(byRequest.body)).toMatchObject({
        status: 'PENDING',
        details: EMAIL_BLAST.details,
      });
      expect(byInbound.body).toMatchObject({
        status: 'pending',
        modifiedDetails: null,
        decisionNote: null,
        responseNotes: null,
        decidedAt: null,
        decisionReasonCode: null,
        autoDecided: false,
        autoDecisionRuleName: null,
        retryable: false,
      });
      expect(byInbound.body.id).toBe(byInbound.body.approvalId);
      expect(byInbound.body.id).toMatch(/^req_[A-Za-z0-9]+$/);
      expect(byInbound.body.reviewUrl).toBe(`https://review.example/approvals/${byInbound.body.id}`);
    });

    it('body of the Python package (key in the body, null score) → accepted, key never returned', async () => {
      const { status, text } = await server.post('/api/approvals/request', {
        apiKey: KEY,
        riskScore: null,
        trace: { steps: [{ type: 'thought', content: 'x', timestamp: '2026-11-22T00:00:00.000000+00:00' }] },
        ...EMAIL_BLAST,
      });
      expect(status).toBe(200);
      expect(text).not.toContain(KEY);
    });

    it.each([
      ['unknown fields', { somethingNew: { deep: true } }],
      ['a deadline in words of another service', { onExpiry: 'reject' }],
      ['another key in the body, which is not the one that counts', { apiKey: 'cq_live_wrong' }],
      [
        'null for absent fields',
        {
          riskLevel: null,
          riskScore: null,
          justification: null,
          webhookUrl: null,
          callbackUrl: null,
          maxWaitMs: null,
          expiresAt: null,
        },
      ],
      ['a negative, fractional wait', { maxWaitMs: -0.5 }],
      ['NUL in a text for people', { summary: 'a\0b', justification: '\0' }],
      ['an empty summary', { summary: '' }],
      ['an empty details object', { details: {} }],
    ])('%s → accepted', async (_what, more) => {
      expect(await server.ask(more)).toMatchObject({ status: 200, body: { status: 'pending' } });
    });

    it.each<[sent: object, shown: Partial<ReviewerApproval>]>([
      [
        {},
        {
          action: 'send_email_blast',
          summary: EMAIL_BLAST.summary,
          details: EMAIL_BLAST.details,
          justification: EMAIL_BLAST.justification,
          riskLevel: 'medium',
          riskScore: null,
          priority: 'normal',
          agentName: null,
          assistant: 'comms',
          expiresAt: null,
        },
      ],
      [{ justification: undefined }, { justification: null }],
      [{ riskLevel: 'low' }, { riskLevel: 'low' }],
      [{ riskLevel: 'High' }, { riskLevel: 'high' }],
      [
        { riskLevel: 'CRITICAL', riskScore: 0.1 },
        { riskLevel: 'critical', riskScore: 0.1 },
      ],
      [{ riskLevel: 'severe' }, { riskLevel: 'severe' }],
      [{ riskScore: 0 }, { riskLevel: 'low', riskScore: 0 }],
      [{ riskScore: 0.3 }, { riskLevel: 'medium' }],
      [{ riskScore: 0.7 }, { riskLevel: 'high' }],
      [{ riskScore: 1 }, { riskLevel: 'critical', riskScore: 1 }],
      [
        { riskScore: null, riskLevel: null, priority: null },
        { riskLevel: 'medium', riskScore: null, priority: 'normal' },
      ],
      [{ priority: 'low' }, { priority: 'low' }],
      [{ priority: 'urgent' }, { priority: 'urgent' }],
      [
        { agentName: 'Blaster', metadata: { ticket: 'T-1' } },
        { agentName: 'Blaster', assistant: 'comms' },
      ],
      [{ expiresAt: '2099-01-01T02:00:00+02:00' }, { expiresAt: '2099-01-01T00:00:00.000Z' }],
    ])('%j → the reviewer sees the values or their defaults', async (sent, shown) => {
      for (const path of ['/api/approvals/request', '/api/webhooks/inbound']) {
        const {
          body: { id },
        } = await server.post(path, { ...EMAIL_BLAST, ...sent });
        expect(
          (await server.get<ReviewerApproval>(`/reviewer-api/approvals/${id}`, await server.bearer())).body,
        ).toMatchObject(shown);
      }
    });

    it('other content type → read as JSON', async () => {
      for (const type of ['text/plain', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded']) {
        expect(
          (await server.post('/api/approvals/request', EMAIL_BLAST, { 'x-api-key': KEY, 'content-type': type })).status,
        ).toBe(200);
      }
    });

    it('details with numbers in any notation → returned unchanged', async () => {
      const { body, text } = await server.post('/api/approvals/request', oddDetails);
      const wanted = '"details":{"charge":123456789012345680000,"amount":1.0,"__proto__":{"x":1},"note":"x"}';
      expect(text).toContain(wanted);
      expect((await server.get(`/api/approvals/${body.id}`)).text).toContain(wanted);
    });

    it.each([
      ['no action', { action: undefined }, 'action'],
      ['an empty action', { action: '' }, 'action'],
      ['an action of null', { action: null }, 'action'],
      ['an action that is no text', { action: 7 }, 'action'],
      ['no summary', { summary: undefined }, 'summary'],
      ['no details', { details: undefined }, 'details'],
      ['details of null', { details: null }, 'details'],
      ['a list as details', { details: [1] }, 'details'],
      ['a text as details', { details: '{}' }, 'details'],
      ['a score beyond 1', { riskScore: 1.5 }, 'riskScore'],
      ['a score below 0', { riskScore: -0.1 }, 'riskScore'],
      ['a score that is a text', { riskScore: '0.5' }, 'riskScore'],
      ['a level that is a number', { riskLevel: 3 }, 'riskLevel'],
      ['a justification that is an object', { justification: {} }, 'justification'],
      ['a priority that is a number', { priority: 1 }, 'priority'],
      ['a name that is a list', { agentName: ['a'] }, 'agentName'],
      ['a list as metadata', { metadata: [1] }, 'metadata'],
      ['a text as trace', { trace: 'thought' }, 'trace'],
      ['a callback address that is none', { callbackUrl: 'not an address' }, 'callbackUrl'],
      ['a callback address of another protocol', { webhookUrl: 'file:///etc/passwd' }, 'webhookUrl'],
      ['a password in the callback address', { callbackUrl: 'http://a:b@example.com/' }, 'callbackUrl'],
      ['a time without offset', { expiresAt: '2026-11-22 12:00' }, 'expiresAt'],
      ['a script as link', { runUrl: 'javascript:alert(1)' }, 'runUrl'],
      ['a wait that is a text', { maxWaitMs: '5000' }, 'maxWaitMs'],
    ])('%s → refused, the field named', async (_what, more, field) => {
      for (const path of ['/api/approvals/request', '/api/webhooks/inbound']) {
        if (field === 'maxWaitMs' && path === '/api/approvals/request') continue;
        const { status, body } = await server.post<{ error: string }>(path, { ...EMAIL_BLAST, ...more });
        expect(status).toBe(400);
        expect(body.error).toContain(field);
      }
    });

    it.each([
      ['nothing', ''],
      ['no JSON', '{"action":'],
      ['a list', '[]'],
      ['null', 'null'],
      ['endless nesting', `{"details":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ])('body with %s → refused', async (_what, text) => {
      const { status, body } = await server.post<{ error: string }>('/api/webhooks/inbound', text);
      expect(status).toBe(400);
      expect(body.error).toEqual(expect.any(String));
    });

    it('body above 1 MB → refused', async () => {
      expect((await server.ask({ details: { text: 'x'.repeat(1024 * 1024) } })).status).toBe(413);
    });
  });

  describe('keys', () => {
    it.each([
      ['POST', '/api/approvals/request'],
      ['POST', '/api/webhooks/inbound'],
      ['GET', '/api/approvals/req_x'],
      ['POST', '/api/approvals/req_x/withdraw'],
    ])('%s %s: no, wrong or empty key → 401 with the remedy', async (method, path) => {
      for (const headers of [{}, { 'x-api-key': 'cq_live_wrong' }, { 'x-api-key': '' }]) {
        const answer =
          method === 'GET'
            ? await server.get<{ error: string }>(path, headers)
            : await server.post<{ error: string }>(path, EMAIL_BLAST, headers);
        expect(answer.status).toBe(401);
        expect(answer.body.error).toContain('x-api-key');
      }
    });

    it.each<[string, Record<string, string>]>([
      ['in the body alone', {}],
      ['as a bearer token', { authorization: `Bearer ${KEY}` }],
    ])('key %s → refused', async (_what, headers) => {
      expect((await server.post('/api/approvals/request', { ...EMAIL_BLAST, apiKey: KEY }, headers)).status).toBe(401);
      expect(
        (await server.post(`/api/webhooks/inbound?apiKey=${KEY}`, { ...EMAIL_BLAST, apiKey: KEY }, headers)).status,
      ).toBe(401);
    });

    it('approval → visible to all keys of its assistant, to no others', async () => {
      const {
        body: { id },
      } = await server.ask();
      expect((await server.get(`/api/approvals/${id}`, { 'x-api-key': ROTATED_KEY })).status).toBe(200);
      expect((await server.get<{ error: string }>(`/api/approvals/${id}`, { 'x-api-key': OTHER_KEY })).status).toBe(
        404,
      );
      expect(
        (await server.post(`/api/approvals/${id}/withdraw`, { reason: 'withdrawn' }, { 'x-api-key': OTHER_KEY }))
          .status,
      ).toBe(404);
      expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
    });

    it('unknown id, also with a content type on the GET → 404 with a text', async () => {
      const { status, body } = await server.get<{ error: string }>('/api/approvals/req_unknown', {
        'x-api-key': KEY,
        'content-type': 'application/json',
      });
      expect([status, typeof body.error]).toEqual([404, 'string']);
    });
  });

  describe('decision', () => {
    it('GET → upper case, the note in both fields, original details beside the whole edit', async () => {
      const {
        body: { id },
      } = await server.ask();
      const edited = { ...EMAIL_BLAST.details, recipient_count: 50 };
      expect((await server.decide(id, { decision: 'approve', modifiedDetails: edited, note: 'Fewer.' })).status).toBe(
        200,
      );
      const { body } = await server.get(`/api/approvals/${id}`);
      expect(body).toMatchObject({
        id,
        approvalId: id,
        status: 'APPROVED',
        details: EMAIL_BLAST.details,
        modifiedDetails: edited,
        decisionNote: 'Fewer.',
        responseNotes: 'Fewer.',
        decidedBy: 'ana',
        decisionReasonCode: 'person',
        autoDecided: false,
        retryable: false,
      });
      expect(body.decidedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(body).not.toHaveProperty('reviewUrl');
    });

    it('rejected by a person → REJECTED, not retryable', async () => {
      const {
        body: { id },
      } = await server.ask();
      await server.decide(id, { decision: 'reject' });
      expect((await server.get(`/api/approvals/${id}`)).body).toMatchObject({
        status: 'REJECTED',
        modifiedDetails: null,
        decisionNote: null,
        decisionReasonCode: 'person',
        retryable: false,
      });
    });

    /** The first answer: that of `call`, or of an earlier request that is held for the longest time. */
    const besideHeld = async <Answer>(
      summary: string,
      call: () => Promise<Answer>,
    ): Promise<Answer | 'the held one'> => {
      const held = server.ask({ summary, maxWaitMs: 10_000 });
      const id = await requestedAt(server, summary);
      const first = await Promise.race([held.then(() => 'the held one' as const), call()]);
      await server.decide(id, { decision: 'reject' });
      await held;
      return first;
    };

    it('held inbound request → answered at once', async () => {
      const first = await besideHeld('held longer', async () => {
        const holding = server.ask({ summary: 'held', maxWaitMs: 10_000 });
        await server.decide(await requestedAt(server, 'held'), { decision: 'approve', note: 'Go.' });
        return holding;
      });
      expect(first).toMatchObject({
        body: { status: 'approved', details: EMAIL_BLAST.details, modifiedDetails: null, decisionNote: 'Go.' },
      });
    });

    it('rejected, held request → lower case', async () => {
      const holding = server.ask({ summary: 'held and rejected', maxWaitMs: 10_000 });
      await server.decide(await requestedAt(server, 'held and rejected'), { decision: 'reject', note: 'No.' });
      expect((await holding).body).toMatchObject({
        status: 'rejected',
        modifiedDetails: null,
        decisionNote: 'No.',
        responseNotes: 'No.',
      });
    });

    it('many held requests → each gets its own', async () => {
      const indexes = Array.from({ length: 25 }, (_, index) => index);
      const answers = Promise.all(
        indexes.map((index) => server.ask({ action: 'held-in-a-crowd', details: { index }, maxWaitMs: 10_000 })),
      );
      const open = await eventually('all of them', async () => {
        const {
          body: { approvals },
        } = await server.get<ApprovalList>(
          '/reviewer-api/approvals?action=held-in-a-crowd&limit=100',
          await server.bearer(),
        );
        return approvals.length === indexes.length && approvals;
      });
      await Promise.all(open.map(({ id }) => server.decide(id, { decision: 'approve', note: `to ${id}` })));
      const bodies = (await answers).map(({ body }) => body);
      expect(bodies.map(({ status, decisionNote, details }) => [status, decisionNote, details])).toEqual(
        bodies.map(({ id }, index) => ['approved', `to ${id}`, { index }]),
      );
    });

    it.each(['callbackUrl', 'webhookUrl'])(
      'call with a %s → answered without waiting, a callback follows',
      async (field) => {
        const first = await besideHeld(`held beside a ${field}`, () =>
          server.ask({ [field]: 'http://127.0.0.1:9/hook', maxWaitMs: 10_000 }),
        );
        expect(first).toMatchObject({ body: { status: 'pending' } });
      },
    );

    it.each([
      [undefined, 0],
      [null, 0],
      [0, 0],
      [-5, 0],
      [0.5, 0],
      [9999.9, 9999],
      [10_000, 10_000],
      [10_001, 10_000],
      [1e300, 10_000],
    ])('maxWaitMs %s → held for %i milliseconds', (maxWaitMs, held) => {
      expect(holdSchema.parse({ maxWaitMs })).toEqual({ maxWaitMs: held });
    });

    it('frequent polls → not throttled', async () => {
      const {
        body: { id },
      } = await server.ask();
      const statuses = await Promise.all(
        Array.from({ length: 300 }, async () => (await server.get(`/api/approvals/${id}`)).status),
      );
      expect(new Set(statuses)).toEqual(new Set([200]));
    });

    it('wait over → stays open, a late decision is accepted', async () => {
      const { body } = await server.ask({ maxWaitMs: 20 });
      expect(body).toMatchObject({ status: 'pending' });
      expect((await server.decide(body.id, { decision: 'approve' })).status).toBe(200);
    });
  });

  describe('repeat with the same idempotency key', () => {
    it('both endpoints, any wait → the same approval in its present state', async () => {
      const header = { 'idempotency-key': 'call-1' };
      const {
        body: { id },
      } = await server.ask({}, header);
      expect((await server.ask({ maxWaitMs: 5 }, header)).body).toMatchObject({ id, status: 'pending' });
      await server.decide(id, { decision: 'approve', note: 'Go.' });
      expect((await server.ask({}, header)).body).toMatchObject({ id, status: 'approved', decisionNote: 'Go.' });
      expect(
        (await server.post('/api/approvals/request', EMAIL_BLAST, { 'x-api-key': KEY, ...header })).body,
      ).toMatchObject({ id, status: 'APPROVED' });
    });

    it('less time is left until the same instant → the same approval with its first deadline', async () => {
      const header = { 'idempotency-key': 'call-later' };
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      const { id } = (await server.ask({ expiresAt, expiresIn: 600_000 }, header)).body;
      const first = (await server.get(`/api/approvals/${id}`)).body.expiresAt;
      expect(Math.abs(Date.parse(first!) - Date.now() - 600_000)).toBeLessThan(60_000);
      const { status, body } = await server.ask({ expiresAt, expiresIn: 5 }, header);
      expect([status, body.id, body.expiresAt]).toEqual([200, id, first]);
      expect((await server.ask({ expiresIn: 600_000 }, header)).status).toBe(409);
    });

    it('another body → 409', async () => {
      const header = { 'idempotency-key': 'call-2' };
      await server.ask({}, header);
      const { status, body } = await server.post<{ error: string }>(
        '/api/webhooks/inbound',
        { ...EMAIL_BLAST, action: 'other' },
        { 'x-api-key': KEY, ...header },
      );
      expect([status, body.error]).toEqual([409, expect.stringContaining('idempotency-key')]);
    });

    it('another assistant → another approval', async () => {
      const header = { 'idempotency-key': 'call-3' };
      const [one, two] = [await server.ask({}, header), await server.ask({}, { ...header, 'x-api-key': OTHER_KEY })];
      expect(one.body.id).not.toBe(two.body.id);
    });

    it('many at once → one approval', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => server.ask({}, { 'idempotency-key': 'call-4' })),
      );
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    });
  });

  describe('other routes', () => {
    it('no key → name and features of the server', async () => {
      expect((await server.get('/healthz', {})).body).toEqual({
        server: 'holdpoint-review-server',
        version: expect.any(String),
        idempotency: true,
        withdraw: true,
        pause: true,
        questions: true,
      });
    });

    // The Python package polls the address without an id when an answer lacks one, and follows redirects with the key.
    it.each([
      ['GET', '/api/nothing'],
      ['GET', '/api/approvals/'],
      ['GET', '/api/approvals'],
      ['GET', '/api/approvals/req_x/'],
      ['GET', '/api/approvals/a/b'],
      ['GET', '/api/approvals/%2e%2e%2fhealthz'],
      ['GET', '/api/approvals/%ZZ'],
      ['GET', '/api/webhooks/inbound'],
      ['PUT', '/api/approvals/request'],
      ['DELETE', '/api/approvals/req_x'],
      ['POST', '/api/approvals/request/'],
      ['POST', '/api/webhooks/inbound/'],
      ['POST', '/api//webhooks/inbound'],
    ])('%s %s → 404 with a text, no page or redirect', async (method, path) => {
      const response = await fetch(server.url + path, {
        method,
        redirect: 'manual',
        headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: JSON.stringify(EMAIL_BLAST) }),
      });
      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json']);
      expect(await response.json()).toEqual({ error: expect.stringMatching(/./) });
    });
  });
});
