import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReviewService } from '@holdpoint/cheqpoint';
import { signInReviewer } from '@holdpoint/review-server/contract';
import { startHostedCheqpoint } from '../support/hosted-cheqpoint.ts';
import { connectionKey } from '../support/keys.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { askingTool, mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const many = { to: 'all', count: 500 };
const few = { to: 'bob', count: 2 };
const mail = mailTool();
const asking = askingTool({ name: 'asking' });
let stack: RunStack;
let pause: (paused: boolean, reason?: string) => Promise<void>;
beforeAll(async () => {
  stack = await startRunStack([mail.tool, asking], {
    review: { reviewers: [{ name: 'rita', password: 'a good password', roles: ['reviewer', 'admin'] }] },
  });
  const { client } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password');
  pause = async (paused, reason) => {
    await client.call('PUT /assistants/{name}', {
      path: { name: 'tester' },
      body: { paused, ...(reason !== undefined && { reason }) },
    });
  };
});
afterAll(() => stack.stop());

const ranFor = (callId: string) => mail.ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith(callId));
const start = (name: string, args: typeof many, callId: string, more = {}) =>
  stack.start([calling(call(name, args, callId)), answering('done')], more);
const held = (run: StartedRun) => until('the call is held', async () => (await run.view()).calls[0]?.paused);
/** Waits until the worker certainly asks anew: its last answer is older than it may be. */
const asksAnew = async () => {
  const service = createReviewService({ baseUrl: stack.reviewServer.url, connectionKey });
  const expected = (await service.paused(AbortSignal.timeout(5_000)))?.at;
  await until('the worker asks anew', async () => {
    const known = await stack.dependencies
      .review({ name: 'tester', connectionKey: null })
      .paused(AbortSignal.timeout(5_000));
    return known?.at === expected;
  });
};
const pendingFailure = async (run: StartedRun) => {
  const { raw } = await stack.client.workflow.getHandle(run.id).describe();
  return raw.pendingActivities?.[0]?.lastFailure ?? undefined;
};

describe('paused assistant', () => {
  it('call approved before the pause → held and shown, runs once resumed; no worker is needed meanwhile', async () => {
    const run = await start('send_mail', many, 'call_approved');
    const id = await run.approval();
    await stack.stopWorkers();
    await run.decide(id, { decision: 'approve' });
    await pause(true, 'wrong recipients');
    await stack.startWorker();
    expect(await held(run)).toEqual({ by: 'rita', at: expect.any(String), reason: 'wrong recipients' });
    expect(await run.view()).toMatchObject({ state: 'waiting' });
    expect((await stack.holdpoint.runs.get(run.id)).detail?.calls[0]?.paused).toMatchObject({ by: 'rita' });
    const { currentDetails } = await stack.client.workflow
      .getHandle(run.id)
      .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('is held: the assistant was paused by rita at ');
    const failure = await until('an attempt was refused', async () => await pendingFailure(run));
    expect(failure.message).toContain('The assistant "tester" was paused by rita at ');
    expect(failure.message).toContain('(wrong recipients)');
    expect(failure.applicationFailureInfo?.type).toBe('AssistantPaused');
    const events = (await run.events()).length;
    // A killed worker, several attempts: the history does not grow, and nothing runs.
    await stack.stopWorkers();
    await stack.startWorker();
    await until('it is tried again', async () => {
      const { raw } = await stack.client.workflow.getHandle(run.id).describe();
      return (raw.pendingActivities?.[0]?.attempt ?? 0) >= 3;
    });
    expect(await run.events()).toHaveLength(events);
    expect(ranFor('call_approved')).toEqual([]);
    await pause(false);
    await run.result();
    expect(ranFor('call_approved')).toHaveLength(1);
    expect(run.told()).toEqual(['{"sent":500}']);
  }, 60_000);

  it('call that needs no review → held, runs once resumed', async () => {
    await pause(true);
    await asksAnew();
    const run = await start('send_mail', few, 'call_unreviewed');
    expect(await held(run)).toMatchObject({ by: 'rita', reason: null });
    expect(ranFor('call_unreviewed')).toEqual([]);
    await pause(false);
    await run.result();
    expect(ranFor('call_unreviewed')).toHaveLength(1);
  }, 60_000);

  it('tool without execute, approved → the model is told only once resumed', async () => {
    const run = await start('asking', many, 'call_asking');
    const id = await run.approval();
    await stack.stopWorkers();
    await run.decide(id, { decision: 'approve' });
    await pause(true);
    await stack.startWorker();
    await held(run);
    await pause(false);
    await run.result();
    expect(run.told()).toEqual(['{"success":true}']);
  }, 60_000);

  it('cancelled while held → ends, nothing runs', async () => {
    await pause(true);
    await asksAnew();
    const run = await start('send_mail', few, 'call_cancelled');
    await held(run);
    await run.cancel();
    await expect(run.result()).rejects.toThrow('cancelled');
    await pause(false);
    expect(ranFor('call_cancelled')).toEqual([]);
  });

  it('paused during a run of many calls → none starts more than five seconds after the pause', async () => {
    const steady = await stack.start(
      Array.from({ length: 400 }, (_, index) => calling(call('send_mail', few, `call_many_${index}`))),
    );
    await until('it has begun', () => ranFor('call_many_3').length > 0);
    await pause(true);
    const pausedAt = Date.now();
    await held(steady);
    expect(Date.now() - pausedAt).toBeLessThan(5_000);
    const ran = mail.ran.length;
    await until('it is tried again', async () => {
      const { raw } = await stack.client.workflow.getHandle(steady.id).describe();
      return (raw.pendingActivities?.[0]?.attempt ?? 0) >= 2;
    });
    expect(mail.ran).toHaveLength(ran);
    await steady.cancel();
    await pause(false);
  }, 60_000);
});

describe('kill switch that can not be read', () => {
  it('review server away → no tool starts; back → it runs', async () => {
    let away = true;
    const real = stack.dependencies.review({ name: 'tester', connectionKey: null });
    const unreachable = createReviewService({ baseUrl: 'http://127.0.0.1:9', connectionKey });
    await stack.stopWorkers();
    const worker = await stack.startWorker({ review: () => (away ? unreachable : real) });
    const run = await start('send_mail', few, 'call_unknown');
    const failure = await until('an attempt failed', async () => await pendingFailure(run));
    expect(failure.applicationFailureInfo?.type).toBe('ReviewUnavailable');
    expect(ranFor('call_unknown')).toEqual([]);
    away = false;
    await run.result();
    expect(ranFor('call_unknown')).toHaveLength(1);
    await worker.stop();
    await stack.startWorker();
  });

  it('hosted Cheqpoint, which has none → the tool runs', async () => {
    const hosted = await startHostedCheqpoint();
    const own = await startRunStack([mail.tool], { cheqpointUrl: hosted.url });
    const run = await own.start([calling(call('send_mail', few, 'call_hosted')), answering('done')]);
    await run.result();
    expect(ranFor('call_hosted')).toHaveLength(1);
    await own.stop();
    await hosted.close();
  });
});
