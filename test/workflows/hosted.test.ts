import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHostedCheqpoint, type HostedCheqpoint, type HostedRequest } from '../support/hosted-cheqpoint.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const mail = { to: 'all', count: 500 };
const { tool, ran } = mailTool();
const short = mailTool({ name: 'short_wait', review: { expiresIn: 1_000 } });
let stack: RunStack;
let hosted: HostedCheqpoint;
let ahead = 0;
beforeAll(async () => {
  hosted = await startHostedCheqpoint();
  stack = await startRunStack([tool, short.tool], {
    cheqpointUrl: hosted.url,
    dependencies: { now: () => Date.now() + ahead },
  });
});
afterAll(async () => {
  await stack.stop();
  await hosted.close();
});

const requestsFor = (callId: string): HostedRequest[] =>
  hosted.requests.filter(({ body }) =>
    String((body.details['holdpoint'] as { callKey: string }).callKey).endsWith(`/${callId}`),
  );
const ranFor = (callId: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith(`/${callId}`));
const decided = (status: string, more = {}) => ({ status, decidedAt: new Date().toISOString(), ...more });

describe.concurrent('hosted Cheqpoint', () => {
  it('request → the documented fields only', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_fields'))]);
    const id = await run.approval();
    const [request] = requestsFor('call_fields');
    expect(Object.keys(request?.body ?? {}).sort()).toEqual([
      'action',
      'callbackUrl',
      'details',
      'riskLevel',
      'summary',
    ]);
    expect(request?.body).toMatchObject({
      action: 'send_mail',
      summary: 'tester wants to run send_mail',
      details: mail,
      riskLevel: 'medium',
    });
    hosted.show(id, decided('APPROVED'));
    await hosted.callBack(id);
    await run.result();
    expect(ranFor('call_fields')).toHaveLength(1);
  });

  it.each([
    ['APPROVED', ['{"sent":500}']],
    ['approved', ['{"sent":500}']],
    ['REJECTED', ["Security system denied this specific action. Reviewer's note: no"]],
    ['declined', ["Security system denied this specific action. Reviewer's note: no"]],
  ])('is understood when it says %s', async (word, told) => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const id = await run.approval();
    hosted.show(id, decided(word, { decisionNote: 'no' }));
    await hosted.callBack(id);
    await run.result();
    expect(run.told()).toEqual(told);
  });

  it('unanswered request rejected by the service → requested again after a minute', { timeout: 120_000 }, async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_retryable'))]);
    const id = await run.approval();
    hosted.show(id, decided('REJECTED', { retryable: true }));
    await hosted.callBack(id);
    const again = await until('it is asked again', () => requestsFor('call_retryable')[1], 90_000);
    expect(run.told()).toEqual([]);
    expect(again.body.details).toMatchObject({ ...mail, holdpoint: { number: 2 } });
    hosted.show(again.id, decided('APPROVED'));
    await hosted.callBack(again.id);
    await run.result();
    expect(ranFor('call_retryable')).toHaveLength(1);
  });

  it('decided at once without an id → counts once, as a decision of the system', async () => {
    hosted.receive('call_limit', {
      answer: () => ({ status: 'rejected', modifiedDetails: null, decisionNote: 'Hourly limit reached' }),
    });
    const rejected = await stack.start([calling(call('send_mail', mail, 'call_limit'))]);
    await rejected.result();
    expect(rejected.told()).toEqual(['Security system denied this specific action.']);
    hosted.receive('call_at_once', {
      answer: () => ({ status: 'approved', modifiedDetails: { ...mail, count: 20 }, decisionNote: 'rule' }),
    });
    const approved = await stack.start([calling(call('send_mail', mail, 'call_at_once'))]);
    await approved.result();
    expect(ranFor('call_at_once').map(({ args }) => args)).toEqual([{ ...mail, count: 20 }]);
    expect(approved.told()).toEqual(['{"result":{"sent":20},"changedByReviewer":{"count":{"from":500,"to":20}}}']);
  });

  it('no close: decided after the deadline → expired; before it → counts, however late it is read', async () => {
    const late = await stack.start([calling(call('short_wait', mail))]);
    const lateId = await late.approval();
    hosted.show(lateId, { status: 'APPROVED', decidedAt: new Date(Date.now() + ahead + 60_000).toISOString() });
    await late.result();
    expect(late.told()).toEqual(['Nobody decided on this action in time. It was not carried out.']);

    const inTime = await stack.start([calling(call('short_wait', mail))]);
    const id = await inTime.approval();
    hosted.show(id, { status: 'APPROVED', decidedAt: new Date(Date.now() + ahead).toISOString() });
    await inTime.result();
    expect(inTime.told()).toEqual(['{"sent":500}']);
    expect(short.ran).toHaveLength(1);
  });
});

describe('hosted Cheqpoint, after time has passed', () => {
  afterEach(() => {
    ahead = 0;
  });

  it('reply lost → requested once more, one of the two acts', async () => {
    hosted.receive('call_doubt', 'drop the reply');
    const run = await stack.start([calling(call('send_mail', mail, 'call_doubt'))]);
    await until('the first request arrives', () => requestsFor('call_doubt').length === 1);
    ahead += 31_000;
    const id = await run.approval();
    expect((await run.view()).calls[0]?.approval).toMatchObject({ request: 2, possiblyTwo: true });
    const [lost, newer] = requestsFor('call_doubt');
    expect(newer?.id).toBe(id);
    hosted.show(lost?.id ?? '', decided('APPROVED'));
    await hosted.callBack(lost?.id ?? '');
    await run.result();
    hosted.show(id, decided('APPROVED'));
    expect(await hosted.callBack(id)).toBeUndefined();
    expect(ranFor('call_doubt')).toHaveLength(1);
    expect(run.told()).toEqual(['{"sent":500}']);
  });

  it('service down for a while → waits', async () => {
    hosted.receive('call_away', { status: 503, body: { error: 'down' } });
    const run = await stack.start([calling(call('send_mail', mail, 'call_away'))]);
    await until(
      'it refused',
      async () =>
        (await stack.client.workflow.getHandle(run.id).describe()).raw.pendingActivities?.[0]?.lastFailure ?? undefined,
    );
    ahead += 31_000;
    const id = await run.approval();
    expect(requestsFor('call_away')).toHaveLength(1);
    hosted.show(id, decided('APPROVED'));
    hosted.getAnswer = { status: 503, body: { error: 'down' } };
    await hosted.callBack(id);
    await until('a read failed', () => (hosted.requests.find((each) => each.id === id)?.gets ?? 0) > 0);
    hosted.getAnswer = undefined;
    await run.result();
    expect(ranFor('call_away')).toHaveLength(1);
  });
});
