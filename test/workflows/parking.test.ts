import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { startHostedCheqpoint, type HostedCheqpoint } from '../support/hosted-cheqpoint.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const mail = { to: 'all', count: 500 };
let stack: RunStack;
let hosted: HostedCheqpoint;
beforeAll(async () => {
  hosted = await startHostedCheqpoint();
  stack = await startRunStack([tool], { cheqpointUrl: hosted.url });
});
afterAll(async () => {
  await stack.stop();
  await hosted.close();
});

const parkedAs = (run: StartedRun) => until('the run parks', async () => (await run.view()).parked[0]);

describe('parked run', () => {
  it.each(['QuotaExhausted', 'ModelAccessDenied', 'ModelRetired'] as const)(
    '%s → visible, no attempts, continues after retry',
    async (type) => {
      let mended = false;
      let asked = 0;
      const run = await stack.start([
        () => {
          asked += 1;
          if (!mended) throw new ModelFailure(type, 'no');
          return answering('fine');
        },
      ]);
      expect(await parkedAs(run)).toMatchObject({ type, message: 'no' });
      expect((await stack.client.workflow.getHandle(run.id).describe()).searchAttributes).toMatchObject({
        HoldpointState: ['parked'],
      });
      expect(asked).toBe(1);
      mended = true;
      await run.signal(retrySignal);
      expect((await run.result()).output).toEqual({ type: 'inline', value: 'fine' });
      expect(asked).toBe(2);
    },
  );

  it('retry without a fix → stays parked', async () => {
    let asked = 0;
    const run = await stack.start([
      () => {
        asked += 1;
        throw new ModelFailure('QuotaExhausted', `refusal ${asked}`);
      },
    ]);
    await parkedAs(run);
    await run.signal(retrySignal);
    await until('it parks again', async () => (await run.view()).parked[0]?.message === 'refusal 2');
    expect(asked).toBe(2);
    await run.cancel();
  });

  it.each([
    [401, { error: 'Invalid API key' }, 'ReviewAccessDenied'],
    [404, { error: 'Not found' }, 'ReviewRequestGone'],
    [200, { status: 'APPROVED' }, 'ReviewUnreadable'],
    [200, { status: 'ESCALATED', details: {} }, 'ReviewUnreadable'],
  ] as const)('GET answers %i %j: parked as %s, and resumes when it can be read', async (status, body, type) => {
    const callId = `call_${status}_${Object.keys(body).join('_')}`;
    const run = await stack.start([calling(call('send_mail', mail, callId))]);
    const id = await run.approval();
    hosted.getAnswer = { status, body };
    await hosted.callBack(id);
    expect(await parkedAs(run)).toMatchObject({ type });
    expect(ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith(`/${callId}`))).toEqual([]);
    hosted.getAnswer = undefined;
    hosted.show(id, { status: 'APPROVED', decidedAt: new Date().toISOString() });
    await run.signal(retrySignal);
    await run.result();
    expect(run.told()).toEqual(['{"sent":500}']);
  });

  it('wrong key at the request → parks, requests after the fix', async () => {
    hosted.receive('call_key', { status: 401, body: { error: 'Invalid API key' } });
    const run = await stack.start([calling(call('send_mail', mail, 'call_key'))]);
    expect(await parkedAs(run)).toMatchObject({ type: 'ReviewAccessDenied' });
    await run.signal(retrySignal);
    const id = await run.approval();
    hosted.show(id, { status: 'REJECTED', decidedAt: new Date().toISOString() });
    await hosted.callBack(id);
    await run.result();
    expect(run.told()).toEqual(['Security system denied this specific action.']);
  });
});
