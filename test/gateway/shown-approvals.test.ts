import { ReviewFailure } from '@holdpoint/cheqpoint';
import { describe, expect, it } from 'vitest';
import { waiting, waitingCall } from './fake-runs.ts';
import { testGateway } from './test-gateway.ts';

describe('GET /v1/approvals: content of the review service', () => {
  /** A run whose memory of the request was made up. */
  function forged() {
    const gateway = testGateway();
    gateway.runs.set(
      waiting('a', {
        ...waitingCall('req_1', { reviewUrl: 'https://phishing.example/', kind: 'outcome', request: 7 }),
        tool: 'harmless',
        arguments: { recipient_count: 1 },
      }),
    );
    return gateway;
  }

  it.each(['/v1/approvals', '/v1/approvals/req_1'])(
    'made-up arguments, tool, kind and link in the Workflow: %s → those of the record',
    async (path) => {
      const { call, reviews } = forged();
      const record = {
        action: 'send_email_blast',
        summary: 'Send to 500',
        riskLevel: 'high',
        riskReason: 'Many recipients.',
        justification: 'Asked by ana.',
        createdAt: '2026-11-22T10:00:00.000Z',
        expiresAt: null,
        shown: 'digest',
      };
      reviews.set('req_1', { recipient_count: 500 }, { context: { user: 'ana' } }, { record });
      const body = (await call('GET', path)).json();
      expect(body.approvals?.[0] ?? body).toMatchObject({
        id: 'req_1',
        request: 1,
        kind: 'call',
        runId: 'a',
        tool: 'send_email_blast',
        arguments: { recipient_count: 500 },
        reviewUrl: 'https://review.example/req_1',
        summary: 'Send to 500',
        riskLevel: 'high',
        riskReason: 'Many recipients.',
        justification: 'Asked by ana.',
        context: { user: 'ana' },
        waitingSince: '2026-11-22T10:00:00.000Z',
        shown: 'digest',
      });
      expect(JSON.stringify(body)).not.toContain('phishing');
    },
  );

  it('hosted Cheqpoint, which sends no texts → risk and reason of the seal', async () => {
    const { call, reviews } = forged();
    reviews.set('req_1', { recipient_count: 500 }, { risk: 'critical', because: 'the tool changed' });
    expect((await call('GET', '/v1/approvals/req_1')).json()).toMatchObject({
      summary: null,
      riskLevel: 'critical',
      riskReason: 'the tool changed',
      shown: null,
    });
  });

  it.each([
    ['of another call', { callKey: 'first/2/0/call_9' }, 'belongs to another call'],
    ['of another run', { run: 'b' }, 'belongs to another call'],
  ])('request %s under the id → not shown, with the reason', async (_what, envelope, reason) => {
    const { call, reviews } = forged();
    reviews.set('req_1', { recipient_count: 500 }, envelope);
    const list = (await call('GET', '/v1/approvals')).json();
    expect(list.approvals).toEqual([]);
    expect(list.unread).toEqual([{ runId: 'a', assistant: 'comms', reason: expect.stringContaining(reason) }]);
    const one = await call('GET', '/v1/approvals/req_1');
    expect([one.status, one.json().error.message]).toEqual([404, expect.stringContaining(reason)]);
  });

  it('outcome question → the arguments of the call, from the seal', async () => {
    const { call, reviews } = forged();
    const context = { tool: 'refund', arguments: { amount: 20 } };
    reviews.set('req_1', { outcome: 'happened' }, { kind: 'outcome', tool: 'refund', context });
    expect((await call('GET', '/v1/approvals/req_1')).json()).toMatchObject({
      kind: 'outcome',
      tool: 'refund',
      arguments: { amount: 20 },
    });
  });

  it('a request without the seal of this Holdpoint → not shown', async () => {
    const { call, reviews } = forged();
    reviews.set('req_1', { recipient_count: 500 }, {}, { details: { recipient_count: 1 } });
    expect((await call('GET', '/v1/approvals/req_1')).status).toBe(404);
  });

  it('review service away → 503, and the run in the list of unread ones', async () => {
    const { call, reviews } = forged();
    reviews.records.set('req_1', new ReviewFailure('unavailable', 'It did not answer.', { sent: true }));
    const one = await call('GET', '/v1/approvals/req_1');
    expect([one.status, one.json().error.code]).toEqual([503, 'review-unavailable']);
    expect((await call('GET', '/v1/approvals')).json().unread[0].reason).toContain('It did not answer.');
  });

  it('read with the key of the run’s assistant', async () => {
    const { call, runs, reviews } = testGateway();
    runs.set({ ...waiting('a', waitingCall('req_1')), assistant: 'billing' });
    await call('GET', '/v1/approvals/req_1');
    expect(reviews.readFor).toEqual(['billing']);
  });
});
