import { ReviewFailure } from '@holdpoint/cheqpoint';
import { describe, expect, it } from 'vitest';
import { runPage } from '../../src/cli/show-run.ts';
import { waiting, waitingCall } from './fake-runs.ts';
import { testGateway } from './test-gateway.ts';

/** A run whose memory of the request was made up. */
function forged() {
  const gateway = testGateway();
  const made = { reviewUrl: 'https://phishing.example/', kind: 'outcome', request: 7 } as const;
  gateway.runs.set(
    waiting('a', { ...waitingCall('req_1', made), tool: 'harmless', arguments: { recipient_count: 1 } }),
  );
  return gateway;
}

/** The call as `GET /v1/runs/a`, and the first event of its stream, show it. */
async function shownCalls({ call, app }: ReturnType<typeof testGateway>) {
  const one = await call('GET', '/v1/runs/a');
  const response = await app.request('/v1/runs/a/events', {
    headers: { authorization: 'Bearer canary-api-key-7d1f' },
  });
  const reader = response.body!.getReader();
  const event = new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  const streamed = JSON.parse(/^data: (.+)$/m.exec(event)![1]!);
  return { shown: one.json().detail.calls[0], streamed: streamed.detail.calls[0], page: runPage(one.json()) };
}

describe('GET /v1/runs/{id} and its events: requests as the review service has them', () => {
  it('made-up arguments, tool, kind and link in the Workflow → those of the record', async () => {
    const gateway = forged();
    gateway.reviews.set('req_1', { recipient_count: 500 });
    const { shown, streamed, page } = await shownCalls(gateway);
    expect(shown).toMatchObject({
      tool: 'send_email_blast',
      arguments: { recipient_count: 500 },
      approval: { id: 'req_1', kind: 'call', request: 1, reviewUrl: 'https://review.example/req_1' },
    });
    expect(shown).not.toHaveProperty('unverified');
    expect(streamed).toEqual(shown);
    expect(page).toContain('send_email_blast {"recipient_count":500}');
    expect(page).not.toMatch(/phishing|harmless/);
  });

  it('the review service can not be read → marked, without a link; read later → the record', async () => {
    const gateway = forged();
    gateway.reviews.records.set('req_1', new ReviewFailure('unavailable', 'It is away.', { sent: true }));
    const { shown, page } = await shownCalls(gateway);
    expect(shown).toMatchObject({
      arguments: { recipient_count: 1 },
      approval: { id: 'req_1', reviewUrl: null },
      unverified: "The request req_1 can't be read. It is away.",
    });
    expect(page).toContain('waiting for a person (did it happen?): holdpoint approvals show req_1');
    expect(page).toContain("not verified: the arguments are those that the run remembers. The request req_1 can't be");
    gateway.reviews.set('req_1', { recipient_count: 500 });
    expect((await shownCalls(gateway)).shown).toMatchObject({ arguments: { recipient_count: 500 } });
  });

  it.each([
    ['of another call', { callKey: 'first/2/0/call_9' }],
    ['of another run', { run: 'b' }],
  ])('request %s under the id → no arguments, no link, with the reason', async (_what, envelope) => {
    const gateway = forged();
    gateway.reviews.set('req_1', { recipient_count: 500 }, envelope);
    expect((await shownCalls(gateway)).shown).toMatchObject({
      arguments: null,
      approval: { reviewUrl: null },
      unverified: 'The request req_1 belongs to another call.',
    });
  });

  it('no request for the key of the gateway → marked, with the variable of other keys', async () => {
    const gateway = forged();
    gateway.reviews.records.set('req_1', new ReviewFailure('gone', 'It is not known.', { sent: true }));
    expect((await shownCalls(gateway)).shown).toMatchObject({
      approval: { reviewUrl: null },
      unverified: expect.stringMatching(/It is not known\. .*HOLDPOINT_CONNECTION_KEYS\.$/),
    });
  });

  it('a link without a request → left out', async () => {
    const gateway = testGateway();
    const call = waitingCall('', { reviewUrl: 'https://phishing.example/' });
    gateway.runs.set(waiting('a', { ...call, approval: { ...call.approval!, id: null } }));
    expect((await shownCalls(gateway)).shown.approval.reviewUrl).toBeNull();
  });

  it('the same request again → read once', async () => {
    const gateway = forged();
    gateway.reviews.set('req_1', { recipient_count: 500 });
    await shownCalls(gateway);
    await shownCalls(gateway);
    expect(gateway.reviews.readFor).toEqual(['comms']);
  });
});
