import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decidedSignal, messageSignal, retrySignal } from '../../src/domain/wire-names.ts';
import { startHostedCheqpoint, type HostedCheqpoint } from '../support/hosted-cheqpoint.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const replaced = 'A newer message replaced this action. It was not carried out.';
const mail = { to: 'all', count: 500 };
const { tool, ran } = mailTool();
const once = mailTool({
  name: 'once',
  effect: 'at-most-once',
  review: 'always',
  execute: () => {
    throw new Error('the connection broke');
  },
});
const running: { end?: () => void } = {};
const slow = mailTool({
  name: 'slow',
  review: 'always',
  execute: () =>
    new Promise((resolve) => {
      running.end = () => resolve('done');
    }),
});
/** Needs no review until it has begun. */
let strict = false;
const begun = mailTool({
  name: 'begun',
  review: { when: () => strict },
  execute: () => {
    strict = true;
    throw new Error('the connection broke');
  },
});

let ids = 0;
const supersede = (run: StartedRun, text = 'No, do this.') =>
  run.signal(messageSignal, {
    id: `message-${(ids += 1)}`,
    digest: text,
    text: { type: 'inline', value: text },
    whenWaiting: 'supersede',
  });
const ranFor = (callId: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith(`/${callId}`));
const settledAs = async (run: StartedRun) => (await run.view()).calls.map(({ settledAs: as }) => as);
const secondTurn = (run: StartedRun) => run.received()[1];

describe('superseding message', () => {
  let stack: RunStack;
  beforeAll(async () => {
    stack = await startRunStack([tool, slow.tool, once.tool, begun.tool], { callbacks: false });
  });
  afterAll(() => stack.stop());
  const shown = async (id: string) =>
    (
      await fetch(`${stack.reviewServer.url}/api/approvals/${id}`, {
        headers: { 'x-api-key': 'cq_test_connection_key' },
      })
    ).json();

  it('open approval → withdrawn at its source, the model is told at once with the message', async () => {
    const run = await stack.start([
      calling(call('send_mail', mail, 'call_over'), call('send_mail', { to: 'bob', count: 1 })),
      answering('fine'),
    ]);
    const id = await run.approval();
    await supersede(run);
    await run.result();
    expect(secondTurn(run)).toMatchObject({
      outputs: [{ output: replaced }, { output: '{"sent":1}' }],
      messages: ['No, do this.'],
    });
    expect(await shown(id)).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'superseded' });
    expect((await run.view()).calls[0]).toMatchObject({
      settledAs: 'superseded',
      decision: { outcome: 'withdrawn', by: 'system', superseded: true },
    });
    expect(ranFor('call_over')).toEqual([]);
  });

  it('decision made before, hint still missing → the decision counts', async () => {
    const run = await stack.start([
      calling(call('send_mail', mail, 'call_in_time'), call('send_mail', { to: 'x', count: 50 })),
    ]);
    const id = await run.approval();
    await until('both wait', async () => (await run.view()).calls.every(({ state }) => state === 'waiting'));
    await run.decide((await run.view()).calls[0]?.approval?.id ?? id, { decision: 'approve' });
    await supersede(run);
    await run.result();
    expect(run.told()).toEqual(['{"sent":500}', replaced]);
    expect(ranFor('call_in_time')).toHaveLength(1);
  });

  it('races an approval → the server and the run agree on one', async () => {
    await Promise.all(
      Array.from({ length: 10 }, async (_, number) => {
        const run = await stack.start([calling(call('send_mail', mail, `call_race_${number}`))]);
        const id = await run.approval();
        await Promise.all([supersede(run), run.decide(id, { decision: 'approve' }).catch(() => undefined)]);
        await run.result();
        const { status } = (await shown(id)) as { status: string };
        expect(run.told()).toEqual([status === 'APPROVED' ? '{"sent":500}' : replaced]);
        expect(ranFor(`call_race_${number}`)).toHaveLength(status === 'APPROVED' ? 1 : 0);
      }),
    );
  });

  it('tool runs already → unchanged', async () => {
    const run = await stack.start([calling(call('slow', mail), call('send_mail', mail))]);
    const id = await run.approval('slow');
    await run.decide(id, { decision: 'approve' });
    await run.signal(decidedSignal, { approvalId: id });
    const end = await until('it runs', () => running.end);
    await supersede(run);
    await until('the other one is superseded', async () => (await settledAs(run))[1] === 'superseded');
    end();
    await run.result();
    expect(run.told()).toEqual(['done', replaced]);
  });

  it("during the model's turn → its calls are replaced without a request", async () => {
    const asked: { run?: StartedRun } = {};
    const run = (asked.run = await stack.start([
      async () => {
        await supersede(await until('the run is known', () => asked.run));
        return calling(call('send_mail', mail, 'call_stale'), call('send_mail', { to: 'bob', count: 1 }));
      },
      calling(call('send_mail', mail, 'call_anew')),
    ]));
    const id = await run.approval();
    expect(secondTurn(run)).toMatchObject({
      outputs: [{ output: replaced }, { output: '{"sent":1}' }],
      messages: ['No, do this.'],
    });
    await run.decide(id, { decision: 'approve' });
    await run.signal(decidedSignal, { approvalId: id });
    await run.result();
    expect([ranFor('call_stale').length, ranFor('call_anew').length]).toEqual([0, 1]);
    const activities = (await run.events()).filter((event) => event === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
    const localOnes = (await run.events()).filter((event) => event === 'EVENT_TYPE_MARKER_RECORDED');
    expect([activities.length, localOnes.length]).toEqual([3 + 2 + 1, 1]);
  });

  it('outcome question → not withdrawn', async () => {
    const run = await stack.start([calling(call('once', mail))]);
    const first = await run.approval();
    await run.decide(first, { decision: 'approve' });
    await run.signal(decidedSignal, { approvalId: first });
    const second = await until('it is asked what happened', async () => {
      const id = await run.approval();
      return id !== first && id;
    });
    await supersede(run);
    await until(
      'it waits on',
      async () =>
        (await run.view()).calls[0]?.state === 'waiting' && (await run.events()).at(-1) === 'EVENT_TYPE_TIMER_STARTED',
    );
    expect(await shown(second)).toMatchObject({ status: 'PENDING' });
    await run.decide(second, { decision: 'happened' });
    await run.signal(decidedSignal, { approvalId: second });
    await run.result();
    expect(secondTurn(run)).toMatchObject({
      outputs: [{ output: 'A person confirmed that this action was carried out. Its result is not known.' }],
      messages: ['No, do this.'],
    });
  });

  it('started call that now needs review → not replaced', async () => {
    const run = await stack.start([calling(call('begun', mail))]);
    const id = await run.approval();
    expect(await stack.database.effects.newest((await run.view()).calls[0]?.key ?? '')).toMatchObject({
      state: 'open',
    });
    const looked = async () =>
      (await run.events()).filter((event) => event === 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED').length;
    const before = await looked();
    await supersede(run);
    await until('it is looked at', async () => (await looked()) > before);
    expect(await shown(id)).toMatchObject({ status: 'PENDING' });
    expect(await run.view()).toMatchObject({ state: 'waiting', queuedMessages: 1 });
    await run.cancel();
  });

  it('no worker → handled by the next one', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_away'))]);
    await run.approval();
    await stack.stopWorkers();
    await supersede(run);
    await supersede(run, 'Or that.');
    await stack.startWorker();
    await run.result();
    expect(secondTurn(run)).toMatchObject({ outputs: [{ output: replaced }], messages: ['No, do this.', 'Or that.'] });
  });
});

describe("superseding message at hosted Cheqpoint, which can't withdraw", () => {
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
  const approve = (id: string) => hosted.show(id, { status: 'APPROVED', decidedAt: new Date().toISOString() });

  it('late approval → the superseded call never runs', async () => {
    const run = await stack.start([
      calling(call('send_mail', mail, 'call_late')),
      calling(call('send_mail', mail, 'call_open')),
    ]);
    const late = await run.approval();
    await supersede(run);
    const open = await until('the next turn waits', async () => {
      const id = await run.approval();
      return id !== late && id;
    });
    expect(secondTurn(run)).toMatchObject({ outputs: [{ output: replaced }], messages: ['No, do this.'] });
    approve(late);
    await hosted.callBack(late);
    const { firstRunId } = (await stack.client.workflow.getHandle(run.id).describe()).raw.workflowExecutionInfo ?? {};
    expect(await stack.database.effects.newest(`${firstRunId}/1/0/call_late`)).toMatchObject({
      state: 'superseded',
      attempts: 0,
      output: { text: replaced },
    });
    approve(open);
    await hosted.callBack(open);
    await run.result();
    expect([ranFor('call_late').length, ranFor('call_open').length]).toEqual([0, 1]);
  });

  it('run reset to before the message → the model is told of the superseded call', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_reset'))]);
    const id = await run.approval();
    await supersede(run);
    await run.result();
    approve(id);
    const handle = stack.client.workflow.getHandle(run.id);
    const history = await handle.fetchHistory();
    const heard = history.events?.findIndex(({ workflowExecutionSignaledEventAttributes: signal }) => signal) ?? 0;
    const before = history.events
      ?.slice(0, heard)
      .findLast(({ workflowTaskCompletedEventAttributes: completed }) => completed);
    await stack.client.workflowService.resetWorkflowExecution({
      namespace: stack.client.options.namespace,
      workflowExecution: { workflowId: run.id },
      requestId: 'reset',
      reason: 'test',
      workflowTaskFinishEventId: before?.eventId ?? null,
      resetReapplyExcludeTypes: [proto.temporal.api.enums.v1.ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
    });
    await until('it looks again', async () => {
      await run.signal(decidedSignal, { approvalId: id }).catch(() => undefined);
      return (await handle.describe()).status.name === 'COMPLETED';
    });
    expect(run.received().at(-1)).toMatchObject({ outputs: [{ output: replaced }], messages: [] });
    expect(ranFor('call_reset')).toEqual([]);
  });

  it('request rejected by the service on its own → not requested again', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_pause'))]);
    const id = await run.approval();
    hosted.show(id, { status: 'REJECTED', decidedAt: new Date().toISOString(), retryable: true });
    await hosted.callBack(id);
    await until('it pauses', async () => (await run.view()).calls[0]?.state === 'requesting');
    await supersede(run);
    await run.result();
    expect(run.told()).toEqual([replaced]);
    expect(hosted.requests.filter(({ body }) => JSON.stringify(body).includes('call_pause'))).toHaveLength(1);
  });

  it('parked call → replaced after the retry', async () => {
    hosted.receive('call_parked', { status: 401, body: { error: 'Invalid API key' } });
    const run = await stack.start([calling(call('send_mail', mail, 'call_parked'))]);
    await until('it parks', async () => (await run.view()).parked[0]);
    await supersede(run);
    expect(await run.view()).toMatchObject({ state: 'parked', queuedMessages: 1 });
    await run.signal(retrySignal);
    await run.result();
    expect(secondTurn(run)).toMatchObject({ outputs: [{ output: replaced }], messages: ['No, do this.'] });
  });
});
