import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReviewerClient } from '../src/contract/reviewer-client.ts';
import { shownDigest } from '../src/contract/shown-digest.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const outcome = {
  action: 'refund:outcome-unknown',
  details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } },
};

describe('decisions on what was shown', () => {
  let server: TestServer;
  beforeAll(
    async () =>
      void (server = await startTestServer('sqlite::memory:', {
        limits: { loopProtection: { identicalRequests: 1000, withinSeconds: 60 } },
      })),
  );
  afterAll(() => server.close());

  async function ask(more?: object): Promise<string> {
    return (await server.ask(more)).body.id;
  }

  async function shownOf(id: string) {
    const { authorization } = await server.bearer();
    const client = createReviewerClient({ url: server.url, token: authorization!.slice('Bearer '.length) });
    return await client.call('GET /approvals/{id}', { path: { id } });
  }

  it('digest: the same for client and server, to the digit', async () => {
    const details = '{"amount":9007199254740991,"rate":0.1,"__proto__":{"a":1},"key":"é"}';
    const body = `{"action":"pay","summary":"Pay","details":${details},"riskScore":0.5}`;
    const { body: asked } = await server.post<{ id: string }>('/api/webhooks/inbound', body);
    const approval = await shownOf(asked.id);
    expect(approval.shown).toBe(shownDigest(approval));
    expect((await server.decide(asked.id, { decision: 'approve', shown: approval.shown })).status).toBe(200);
  });

  it.each([
    ['arguments', { details: { template: 'weekly_update', recipient_count: 501, subject: 'System Maintenance' } }],
    ['a summary', { summary: 'Something harmless' }],
    ['a risk', { riskLevel: 'low' }],
    ['a reason', { justification: 'Because.' }],
  ])('digest of other shown fields: %s → 409 with the present request, still open', async (_what, other) => {
    const [id, elsewhere] = [await ask(), await ask(other)];
    const lookalike = { ...(await shownOf(elsewhere)), id };
    for (const decision of [
      { decision: 'approve' },
      { decision: 'reject' },
      { decision: 'approve', modifiedDetails: { template: 't', recipient_count: 1, subject: 's' } },
    ]) {
      const { status, body } = await server.decide(id, { ...decision, shown: shownDigest(lookalike) });
      expect(status).toBe(409);
      expect(body).toMatchObject({
        error: 'The request changed. Look at it again, then decide.',
        approval: { id, status: 'PENDING' },
      });
    }
    expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
  });

  it('digest of another request with equal content → 409', async () => {
    const [id, twin] = [await ask(), await ask()];
    expect((await server.decide(id, { decision: 'approve', shown: (await shownOf(twin)).shown })).status).toBe(409);
  });

  it('a claim and its release → the digest stays', async () => {
    const id = await ask();
    const { shown } = await shownOf(id);
    await server.send('PUT', `/reviewer-api/approvals/${id}/claim`, undefined, await server.bearer('ben'));
    expect((await server.decide(id, { decision: 'approve', shown })).status).toBe(200);
  });
});

describe('outcome questions', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startTestServer('sqlite::memory:')));
  afterAll(() => server.close());

  it.each(['approve', 'reject'])('plain %s → 400 that names the three answers, still open', async (decision) => {
    const { id } = (await server.ask(outcome)).body;
    const { status, body } = await server.decide(id, { decision });
    expect(status).toBe(400);
    for (const answer of ['happened', 'not-happened', 'give-up'])
      expect(body.error).toContain(`holdpoint approvals ${answer} ${id}`);
    expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
  });

  it('approve with an edit that names no outcome → 400', async () => {
    const { id } = (await server.ask(outcome)).body;
    expect((await server.decide(id, { decision: 'approve', modifiedDetails: { outcome: 'maybe' } })).status).toBe(400);
  });

  it.each([
    [{ decision: 'happened' }, { status: 'APPROVED', modifiedDetails: null }],
    [
      { decision: 'not-happened' },
      { status: 'APPROVED', modifiedDetails: { outcome: 'not_happened', holdpoint: { kind: 'outcome', mac: 'm' } } },
    ],
    [{ decision: 'give-up' }, { status: 'REJECTED', modifiedDetails: null }],
    [
      { decision: 'approve', modifiedDetails: { outcome: 'not_happened' } },
      { status: 'APPROVED', modifiedDetails: { outcome: 'not_happened', holdpoint: { kind: 'outcome', mac: 'm' } } },
    ],
    [
      { decision: 'approve', modifiedDetails: { outcome: 'happened' } },
      { status: 'APPROVED', modifiedDetails: null },
    ],
  ])('answer %j → Cheqpoint’s words', async (answer, wanted) => {
    const { id } = (await server.ask(outcome)).body;
    expect((await server.decide(id, answer)).status).toBe(200);
    expect((await server.get(`/api/approvals/${id}`)).body).toMatchObject(wanted);
  });

  it.each(['happened', 'not-happened', 'give-up'])('answer "%s" to a call → 400, still open', async (decision) => {
    const { id } = (await server.ask()).body;
    const { status, body } = await server.decide(id, { decision });
    expect([status, body.error]).toEqual([400, expect.stringContaining('"approve" or "reject"')]);
    expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
  });
});
