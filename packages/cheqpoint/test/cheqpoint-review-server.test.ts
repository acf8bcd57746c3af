import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReviewRequest, ReviewService } from '@holdpoint/cheqpoint';
import { createReviewService } from '../src/review-service.ts';
import { EMAIL_BLAST, KEY, OTHER_KEY, startTestServer, type TestServer } from '../../review-server/test/test-server.ts';

/* The client against the real review server. Its reviewers decide. */

const signal = new AbortController().signal;
let server: TestServer;
let client: ReviewService;
let requests = 0;

beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', {
    rules: [
      { name: 'Small ones', conditions: [{ field: 'action', operator: 'is', value: 'small' }], decision: 'approve' },
      { name: 'Never', conditions: [{ field: 'action', operator: 'is', value: 'never' }], decision: 'reject' },
    ],
  });
  client = createReviewService({ baseUrl: server.url, connectionKey: KEY });
});
afterAll(() => server.close());

function blast(more: Partial<ReviewRequest> = {}): ReviewRequest {
  return { ...EMAIL_BLAST, riskLevel: 'high', idempotencyKey: `run/1/0/call/${++requests}`, ...more };
}

async function asked(more: Partial<ReviewRequest> = {}): Promise<string> {
  const { id } = await client.request(blast(more));
  if (id === null) throw new Error('The review server gave no id.');
  return id;
}

describe('review service client at our review server', () => {
  it('capabilities: idempotency and withdraw', async () => {
    expect(await client.capabilities()).toEqual({ idempotency: true, withdraw: true, pause: true, questions: true });
  });

  it('request → pending, with the link for the reviewer', async () => {
    const argumentsSchema = { type: 'object', properties: { subject: { type: 'string' } } };
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const answer = await client.request(
      blast({
        expiresAt,
        argumentsSchema,
        workflowUrl: 'https://temporal.example/run',
      }),
    );
    expect(answer).toEqual({
      id: expect.any(String),
      status: 'pending',
      statusWord: 'pending',
      details: EMAIL_BLAST.details,
      modifiedDetails: null,
      note: null,
      reviewUrl: `${server.url}/approvals/${answer.id}`,
      decidedAt: null,
      expiresAt,
      autoDecided: false,
      ruleName: null,
      reasonCode: null,
      retryable: false,
      stages: [{ of: ['a reviewer'], needed: 1 }],
    });
    expect(await client.read(answer.id!, signal)).toEqual({
      ...answer,
      statusWord: 'PENDING',
    });
    expect((await client.readRecord(answer.id!, signal)).record).toEqual(
      expect.objectContaining({
        action: EMAIL_BLAST.action,
        summary: EMAIL_BLAST.summary,
        shown: expect.any(String),
      }),
    );
    const { body } = await server.get<object>(`/reviewer-api/approvals/${answer.id}`, await server.bearer());
    expect(body).toMatchObject({
      argumentsSchema,
      workflowUrl: 'https://temporal.example/run',
      riskLevel: 'high',
      justification: EMAIL_BLAST.justification,
      expiresAt: expect.any(String),
    });
  });

  it('approved by a person → approval with the note', async () => {
    const id = await asked();
    await server.decide(id, { decision: 'approve', note: 'Verified maintenance window scheduled.' });
    expect(await client.read(id, signal)).toMatchObject({
      id,
      status: 'approved',
      details: EMAIL_BLAST.details,
      modifiedDetails: null,
      note: 'Verified maintenance window scheduled.',
      decidedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      autoDecided: false,
      reasonCode: 'person',
      reviewUrl: null,
      retryable: false,
    });
  });

  it('edited → the whole edit beside the original', async () => {
    const id = await asked();
    const modifiedDetails = { ...EMAIL_BLAST.details, recipient_count: 50 };
    await server.decide(id, { decision: 'approve', modifiedDetails });
    expect(await client.read(id, signal)).toMatchObject({
      status: 'approved',
      details: EMAIL_BLAST.details,
      modifiedDetails,
    });
  });

  it('rejected → rejection with the note', async () => {
    const id = await asked();
    await server.decide(id, { decision: 'reject', note: 'Not on a Friday.' });
    expect(await client.read(id, signal)).toMatchObject({
      status: 'rejected',
      note: 'Not on a Friday.',
      reasonCode: 'person',
      autoDecided: false,
      retryable: false,
    });
  });

  it.each([
    ['small', 'approved', 'Small ones'],
    ['never', 'rejected', 'Never'],
  ])('rule matches the action %s → decided in the first answer', async (action, status, ruleName) => {
    const answer = await client.request(blast({ action }));
    expect(answer).toMatchObject({ status, autoDecided: true, ruleName, reasonCode: 'rule' });
    expect(await client.read(answer.id!, signal)).toMatchObject({
      status,
      autoDecided: true,
      ruleName,
      reasonCode: 'rule',
    });
  });

  it('same idempotency key: same request → the same answer; another request → refused', async () => {
    const request = blast();
    const first = await client.request(request);
    expect(await client.request(request)).toEqual(first);
    await expect(client.request({ ...request, summary: 'Another' })).rejects.toMatchObject({
      kind: 'refused',
      sent: true,
      message: expect.stringContaining('was used for another request'),
    });
    await server.decide(first.id!, { decision: 'reject' });
    expect(await client.request(request)).toMatchObject({ id: first.id, status: 'rejected' });
  });

  it.each(['withdrawn', 'superseded', 'expired'] as const)(
    'close an open request as %s → rejected with that reason',
    async (reason) => {
      const id = await asked();
      const closed = await client.close(id, reason, signal);
      expect(closed).toMatchObject({ id, status: 'rejected', reasonCode: reason, retryable: reason === 'expired' });
      expect(await client.read(id, signal)).toMatchObject({ status: 'rejected', reasonCode: reason });
    },
  );

  it('close a decided request → its decision', async () => {
    const id = await asked();
    await server.decide(id, { decision: 'approve' });
    expect(await client.close(id, 'expired', signal)).toMatchObject({ status: 'approved', reasonCode: 'person' });
  });

  it('unknown request, wrong key, invalid body → the kind of failure', async () => {
    const id = await asked();
    const other = createReviewService({ baseUrl: server.url, connectionKey: OTHER_KEY });
    const wrong = createReviewService({ baseUrl: server.url, connectionKey: 'cq_live_nobody' });
    const gone = [
      () => other.read(id, signal),
      () => other.close(id, 'withdrawn', signal),
      () => client.read('req_none', signal),
      () => client.read('../../healthz', signal),
    ];
    for (const call of gone) await expect(call()).rejects.toMatchObject({ name: 'ReviewFailure', kind: 'gone' });
    const denied = [
      () => wrong.read(id, signal),
      () => wrong.request(blast()),
      () => wrong.close(id, 'withdrawn', signal),
    ];
    for (const call of denied) await expect(call()).rejects.toMatchObject({ kind: 'access-denied', sent: false });
    await expect(client.request(blast({ action: '' }))).rejects.toMatchObject({
      kind: 'refused',
      sent: false,
      message: expect.stringContaining('action: must not be empty'),
    });
    await expect(client.request(blast({ details: { text: 'x'.repeat(2 * 1024 * 1024) } }))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('413'),
    });
  });
});
