import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import { temporalCommand } from '../support/attacker.ts';
import { firstCallKey, pendingActivity, signalDecided } from '../support/run-call.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { slowTool } from '../support/slow-tool.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const many = { to: 'all', count: 500 };
const few = { to: 'bob', count: 2 };
const { tool: mail, ran } = mailTool();
const ranFor = (part: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.includes(part));

let stack: RunStack;
beforeAll(async () => {
  // No callbacks: a decided call waits until the test signals it.
  stack = await startRunStack([mail], { callbacks: false });
});
afterAll(() => stack.stop());

async function reset(run: StartedRun): Promise<void> {
  const { namespace } = await startTestTemporal();
  const { runId } = await stack.client.workflow.getHandle(run.id).describe();
  await stack.client.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: run.id, runId },
    requestId: randomUUID(),
    reason: 'test',
    workflowTaskFinishEventId: 4 as never,
  });
}

describe('reset', () => {
  it('Workflow reset after the effect → no second effect, no second request', async () => {
    const run = await stack.start([
      calling(call('send_mail', many, 'call_reset')),
      calling(call('send_mail', { to: 'next', count: 99 }, 'call_after_reset')),
    ]);
    await run.decide(await run.approval(), { decision: 'approve' });
    const key = await firstCallKey(run);
    await signalDecided(run);
    await until(
      'the second call waits',
      async () => (await run.view()).calls[0]?.callId === 'call_after_reset' && (await run.approval()),
    );
    await reset(run);
    await signalDecided(run);
    const second = await until(
      'the second call waits again',
      async () => (await run.view()).calls[0]?.callId === 'call_after_reset' && (await run.approval()),
    );
    expect(await stack.database.requests.list(key)).toHaveLength(1);
    expect(run.told()).toEqual(['{"sent":500}', '{"sent":500}']);
    await run.decide(second, { decision: 'reject' });
    await signalDecided(run);
    // The run that was started has been replaced by the reset.
    await stack.client.workflow.getHandle(run.id).result();
    expect(ranFor('call_reset')).toHaveLength(1);
    expect(ranFor('call_after_reset')).toEqual([]);
  });

  it('Workflow reset before the request → finds and shows the newest request', async () => {
    const answers = [false, true, false];
    const sometimes = mailTool({ name: 'sometimes', review: { when: () => answers.shift() ?? false } });
    const edited = mailTool({ name: 'edited', review: { risk: ({ count }) => (count > 1_000 ? 'high' : 'low') } });
    const own = await startRunStack([sometimes.tool, edited.tool], { callbacks: false });
    try {
      const run = await own.start([
        calling(call('sometimes', few, 'call_sometimes'), call('edited', many, 'call_edited')),
      ]);
      await run.decide(await run.approval('edited'), {
        decision: 'approve',
        modifiedDetails: { to: 'all', count: 2_000 },
      });
      await run.signal(decidedSignal, { callKey: (await run.view()).calls[1]?.key });
      const asked = await until('both wait, one of them again', async () => {
        const { calls } = await run.view();
        return (
          calls.length === 2 &&
          calls.every(({ state }) => state === 'waiting') &&
          calls[1]?.approval?.request === 2 &&
          calls.map(({ approval }) => approval?.id)
        );
      });
      await reset(run);
      const found = await until('both wait again', async () => {
        const { calls } = await run.view();
        return (
          calls.length === 2 &&
          calls.every(({ state }) => state === 'waiting') &&
          calls.map(({ approval }) => approval?.id)
        );
      });
      expect(found).toEqual(asked);
      expect((await run.view()).state).toBe('waiting');
      expect(sometimes.ran).toEqual([]);
    } finally {
      await own.stop();
    }
  });

  it('Activity reset in back-off → an idempotent tool repeats under the same key', async () => {
    const keys: string[] = [];
    let isReset = false;
    let acted = 0;
    const { tool } = mailTool({
      review: 'never',
      execute: (_args, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        if (!isReset) throw new Error('not yet');
        acted += 1;
        return 'at last';
      },
    });
    const own = await startRunStack([tool]);
    try {
      const run = await own.start([calling(call('send_mail', few))]);
      await until('it has failed', () => keys.length > 0);
      const said = await temporalCommand(
        'activity',
        'reset',
        '--activity-id',
        await pendingActivity(own, run, 'settleToolCall'),
        '--workflow-id',
        run.id,
      );
      expect(said).not.toContain('Error');
      isReset = true;
      await run.result();
      expect(run.told()).toEqual(['at last']);
      expect(new Set(keys).size).toBe(1);
      expect(keys.length).toBeGreaterThan(1);
      expect(acted).toBe(1);
    } finally {
      await own.stop();
    }
  });

  it('Activity reset while an `at-most-once` tool acts → a person is asked, no second effect', async () => {
    const { acted, aborted, tool } = slowTool('at-most-once');
    const own = await startRunStack([tool]);
    try {
      const run = await own.start([calling(call(tool.name, few))]);
      await until('the tool acts', () => acted.length > 0);
      await temporalCommand(
        'activity',
        'reset',
        '--activity-id',
        await pendingActivity(own, run, 'settleToolCall'),
        '--workflow-id',
        run.id,
      );
      await until('the tool is told', () => aborted.length > 0);
      await run.decide(await run.approval(), { decision: 'happened' });
      await run.result();
      expect(run.told()).toEqual(['A person confirmed that this action was carried out. Its result is not known.']);
      expect(acted).toHaveLength(1);
    } finally {
      await own.stop();
    }
  });
});
