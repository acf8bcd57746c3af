import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SettleInput } from '../../src/domain/activities.ts';
import { startActivityWorker } from '../support/activity-worker.ts';
import { startAttacker } from '../support/attacker.ts';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import { firstCallKey } from '../support/run-call.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const many = { to: 'all', count: 500 };
const other = { to: 'eve', count: 2 };
const { tool: mail, ran } = mailTool();
const ranFor = (part: string) =>
  ran.filter(({ idempotencyKey }) => idempotencyKey.includes(part)).map(({ args }) => args);

let stack: RunStack;
beforeAll(async () => {
  // No callbacks: a decided call waits until the test signals it.
  stack = await startRunStack([mail], { callbacks: false });
});
afterAll(() => stack.stop());

/** The events at which a Workflow task was completed. */
async function completedTasks({ client }: RunStack, run: StartedRun): Promise<number[]> {
  const { events } = await client.workflow.getHandle(run.id).fetchHistory();
  return (events ?? [])
    .filter(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes)
    .map(({ eventId }) => Number(eventId));
}

/** False where the server can't reset the run to this event. */
async function reset({ client }: RunStack, run: StartedRun, eventId: number): Promise<boolean> {
  const { namespace } = await startTestTemporal();
  const { runId } = await client.workflow.getHandle(run.id).describe();
  return await client.workflowService
    .resetWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: run.id, runId },
      requestId: randomUUID(),
      reason: 'attack',
      workflowTaskFinishEventId: eventId as never,
    })
    .then(
      () => true,
      (error: unknown) => {
        if (/must be at the boundary|Can only reset workflow to event ID in range/.test(String(error))) return false;
        throw error;
      },
    );
}

const waitsFor = (run: StartedRun, approval: string) =>
  until(`it waits for ${approval}`, async () => {
    const [first] = (await run.view()).calls;
    return first?.state === 'waiting' && first.approval?.id === approval;
  });

/** Sends the hint until the run has ended: a run before its decision waits for it again. */
async function finish({ client }: RunStack, run: StartedRun, callKey: string): Promise<void> {
  const handle = client.workflow.getHandle(run.id);
  await until(`${run.id} ends`, async () => {
    await run.signal(decidedSignal, { callKey }).catch(() => undefined);
    return (await handle.describe()).status.name !== 'RUNNING';
  });
  await handle.result();
}

describe('ResetWorkflowExecution by an attacker, with the worker running', () => {
  it('to every event, while it waits, once it is decided and after the end → one request, one effect', async () => {
    const run = await stack.start([calling(call('send_mail', many, 'call_reset_live')), answering('done')]);
    const approval = await run.approval();
    const key = await firstCallKey(run);
    let resets = 0;
    for (const point of await completedTasks(stack, run)) {
      if (await reset(stack, run, point)) resets += 1;
      await waitsFor(run, approval);
    }
    expect(resets).toBeGreaterThan(0);
    expect(await stack.database.requests.list(key)).toHaveLength(1);
    expect(ranFor('call_reset_live')).toEqual([]);

    await run.decide(approval, { decision: 'approve' });
    await reset(stack, run, 4);
    await waitsFor(run, approval);
    await finish(stack, run, key);
    expect(ranFor('call_reset_live')).toEqual([many]);

    for (const point of await completedTasks(stack, run)) {
      if (await reset(stack, run, point)) resets += 1;
      await finish(stack, run, key);
    }
    expect(resets).toBeGreaterThan(1);
    expect(ranFor('call_reset_live')).toEqual([many]);
    expect(await stack.database.requests.list(key)).toHaveLength(1);
    expect(new Set(run.told())).toEqual(new Set(['{"sent":500}']));
  });
});

describe('second worker with other Workflow code on the same Task Queue', () => {
  it('takes a waiting run, settles and asks at will → only the approved call acts, once, and the run can be finished', async () => {
    const own = await startRunStack([mail], { callbacks: false, worker: false });
    const honest = await own.startWorker();
    const run = await own.start([calling(call('send_mail', many, 'call_second')), answering('done')]);
    const approval = await run.approval();
    const key = await firstCallKey(run);
    // Its Activities go on. Of the Workflow tasks the attacker gets the first one.
    await honest.stop();
    const activities = await startActivityWorker(own);
    const attacker = await startAttacker(own, { taskQueue: own.taskQueue });
    try {
      const taken = await attacker.takeOver(run.id, 4);
      const settle = (args: object, more: Partial<SettleInput> = {}) =>
        taken.attempt('settleToolCall', {
          assistant: 'tester',
          context: null,
          call: { key, callId: 'call', tool: 'send_mail', arguments: { type: 'inline', value: args } },
          lost: [],
          close: false,
          retries: 0,
          ...more,
        });
      for (const more of [{}, { lost: [{ number: 1, id: 'made-up' }] }, { retries: 9 }]) await settle(other, more);
      expect(ranFor('call_second')).toEqual([]);
      await run.decide(approval, { decision: 'approve' });
      const outcomes = [await settle(other), await settle(many), await settle(other, { retries: 1 })];
      const given = { type: 'inline', value: many };
      await taken.attempt('requestApproval', {
        assistant: 'tester',
        context: null,
        call: { key, callId: 'call', tool: 'send_mail', arguments: given },
        arguments: given,
        number: 2,
        kind: 'call',
        conversation: null,
      });
      outcomes.push(await settle(many));
      for (const outcome of outcomes) expect(outcome).toMatchObject({ result: { type: 'settled', as: 'ran' } });
      expect(ranFor('call_second')).toEqual([many]);

      await attacker.stop();
      await own.startWorker();
      await reset(own, run, 4);
      await finish(own, run, key);
      expect(ranFor('call_second')).toEqual([many]);
      // The attacker's first settlement named other arguments than the approved ones.
      expect(run.told().at(-1)).toContain('"sent":500');
    } finally {
      await activities.stop();
      await own.stop();
    }
  }, 180_000);
});
