import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SettleInput, SettleResult, TurnResult } from '../../src/domain/activities.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { startActivityWorker } from '../support/activity-worker.ts';
import { startAttacker, temporalCommand, type Attacker } from '../support/attacker.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { firstCallKey, pendingActivity, signalDecided } from '../support/run-call.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { slowTool } from '../support/slow-tool.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const many = { to: 'all', count: 500 };
const few = { to: 'bob', count: 2 };
const { tool: mail, ran } = mailTool();
const other = mailTool({ name: 'delete_all', review: 'always' });

const slow = { 'at-most-once': slowTool('at-most-once'), idempotent: slowTool('idempotent') };

let stack: RunStack;
let attacker: Attacker;
beforeAll(async () => {
  // No callbacks here: a decided request waits until a test delivers the hint.
  stack = await startRunStack([mail, other.tool, slow['at-most-once'].tool, slow.idempotent.tool], {
    callbacks: false,
  });
  attacker = await startAttacker(stack);
});
afterAll(async () => {
  await attacker.stop();
  await stack.stop();
});

const ranFor = (part: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.includes(part));
function settling(key: string, args: Json, more: Partial<SettleInput> & { tool?: string } = {}): SettleInput {
  const { tool = 'send_mail', ...rest } = more;
  return {
    assistant: 'tester',
    context: null,
    call: { key, callId: 'call', tool, arguments: { type: 'inline', value: args } },
    lost: [],
    close: false,
    retries: 0,
    ...rest,
  };
}

function requesting(key: string, args: JsonObject, tool = 'send_mail') {
  const given = { type: 'inline', value: args };
  return {
    assistant: 'tester',
    context: null,
    call: { key, callId: 'call', tool, arguments: given },
    arguments: given,
    number: 1,
    kind: 'call',
    conversation: null,
  };
}

async function forge(run: StartedRun, type: string, result: unknown): Promise<void> {
  await stack.client.activity.complete(
    { workflowId: run.id, activityId: await pendingActivity(stack, run, type) },
    result,
  );
}

describe('forged Activity result', () => {
  it('takeTurn plans a risky call as "execute" → reviewed', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const run = await stack.start([async () => (await held, answering('too late'))]);
    const forged: TurnResult = {
      conversation: { entry: 'none', digest: '', bytes: 0, surface: {} },
      maxTurns: null,
      outcome: {
        type: 'calls',
        calls: [
          {
            kind: 'tool',
            callId: 'call_forged_plan',
            tool: 'send_mail',
            arguments: { type: 'inline', value: many },
            fingerprint: 'x',
            plan: { type: 'execute' },
            timeoutMs: 60_000,
          },
        ],
      },
    };
    await forge(run, 'takeTurn', forged);
    const id = await run.approval();
    release();
    expect(ranFor('call_forged_plan')).toEqual([]);
    await run.decide(id, { decision: 'reject' });
    await signalDecided(run);
    // The forged conversation is not in the database, so the run does not go on from it.
    const [parked] = await until(
      'the run parks',
      async () => (await run.view()).parked.length > 0 && (await run.view()).parked,
    );
    expect(parked?.type).toBe('ConversationLost');
    await run.cancel();
    expect(ranFor('call_forged_plan')).toEqual([]);
  });

  it.each(['at-most-once', 'idempotent'] as const)(
    'settleToolCall completed while a tool (%s) runs → one effect, the real result is kept',
    async (effect) => {
      const { acted, release } = slow[effect];
      const run = await stack.start([
        calling(call(`slow_${effect}`, few, `call_forged_${effect}`)),
        answering('went on'),
      ]);
      await until('the tool acts', () => acted.length > 0);
      const key = await firstCallKey(run);
      const forged: SettleResult = {
        type: 'settled',
        as: 'ran',
        output: { callId: `call_forged_${effect}`, key, output: { type: 'inline', value: 'forged' }, obtainedAt: 0 },
      };
      await forge(run, 'settleToolCall', forged);
      expect((await run.result()).output).toEqual({ type: 'inline', value: 'went on' });
      release();
      await until(
        'the ledger has the real end',
        async () => (await stack.database.effects.newest(key))?.state === 'done',
      );
      expect(await stack.database.effects.newest(key)).toMatchObject({ start: 1, output: { text: 'real' } });
      expect(acted).toEqual([key]);
    },
  );

  it('settleToolCall says "open" while a tool runs → a person is asked, no second effect', async () => {
    const { acted, tool, release } = slowTool('at-most-once');
    const own = await startRunStack([tool], { callbacks: false });
    try {
      const run = await own.start([calling(call(tool.name, few))]);
      await until('the tool acts', () => acted.length > 0);
      await forge(run, 'settleToolCall', { type: 'open' } satisfies SettleResult);
      await signalDecided(run);
      const id = await run.approval();
      release();
      const key = await firstCallKey(run);
      await until('the tool has ended', async () => (await own.database.effects.newest(key))?.state === 'done');
      await run.decide(id, { decision: 'approve', modifiedDetails: { outcome: 'not_happened' } });
      await signalDecided(run);
      await run.result();
      expect(run.told()).toEqual(['real']);
      expect(acted).toEqual([key]);
    } finally {
      await own.stop();
    }
  });
});

describe("Activity outside the call's own run", () => {
  it("scheduled by another Workflow with an approved call's key → refused", async () => {
    const victim = await stack.start([calling(call('send_mail', many, 'call_victim'))]);
    await victim.decide(await victim.approval(), { decision: 'approve' });
    const key = await firstCallKey(victim);
    for (const type of ['somebodyElses', 'holdpointRun'] as const) {
      const foreign = await attacker.start(type);
      expect(await foreign.attempt('settleToolCall', settling(key, many))).toEqual({ failed: 'ForeignCall' });
      expect(await foreign.attempt('requestApproval', requesting(key, few))).toEqual({ failed: 'ForeignCall' });
    }
    expect(ranFor('call_victim')).toEqual([]);
    await signalDecided(victim);
    await victim.result();
    expect(ranFor('call_victim')).toHaveLength(1);
  });

  it('started without a Workflow → refused', async () => {
    const victim = await stack.start([calling(call('send_mail', many, 'call_standalone'))]);
    await victim.decide(await victim.approval(), { decision: 'approve' });
    const said = await temporalCommand(
      'activity',
      'execute',
      '--activity-id',
      randomUUID(),
      '--type',
      'settleToolCall',
      '--task-queue',
      stack.taskQueue,
      '--start-to-close-timeout',
      '20s',
      '--heartbeat-timeout',
      '10s',
      '--input',
      JSON.stringify(settling(await firstCallKey(victim), many)),
    );
    expect(said).toContain('started without a Workflow');
    expect(ranFor('call_standalone')).toEqual([]);
    await victim.cancel();
  });

  it.each([{ call: undefined }, { call: { key: 7 } }, { call: { key: '' } }, { call: { key: '../1/0/call' } }])(
    '%j as the call → refused',
    async (input) => {
      const foreign = await attacker.start();
      expect(await foreign.attempt('settleToolCall', { ...settling('x', many), ...input })).toEqual({
        failed: 'ForeignCall',
      });
    },
  );
});

describe("attacker's Worker with its own holdpointRun", () => {
  it('made-up input for a reviewed call → not run', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_big`;
    for (const more of [
      {},
      { retries: 1e9 },
      { retries: -1 },
      { close: true },
      { lost: [{ number: 1, id: 'req_x' }] },
      { context: { admin: true } },
    ]) {
      expect(await attack.attempt('settleToolCall', settling(key, many, more))).toMatchObject({
        result: { type: 'review' },
      });
    }
    expect(ranFor(attack.firstRunId)).toEqual([]);
  });

  it('turn in the name of another run → refused', async () => {
    const victim = await stack.start([calling(call('send_mail', many, 'call_named'))]);
    const [, victims] = [await victim.approval(), (await firstCallKey(victim)).split('/')[0]];
    const attack = await attacker.start();
    const named: string[] = [];
    stack.script(attack.id, [({ firstRunId }) => (named.push(firstRunId), answering('as asked'))]);
    const turn = {
      assistant: 'tester',
      context: null,
      turn: 1,
      conversation: null,
      input: { outputs: [], messages: [{ type: 'inline', value: 'go' }] },
    };
    expect(await attack.attempt('takeTurn', { ...turn, firstRunId: victims })).toMatchObject({
      result: { outcome: { type: 'answer' } },
    });
    expect(named).toEqual([attack.firstRunId]);
    await victim.cancel();
  });

  it('other arguments under the same key → the first result', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_small`;
    const small = await attack.attempt('settleToolCall', settling(key, few));
    expect(small).toMatchObject({ result: { type: 'settled', as: 'ran' } });
    expect(await attack.attempt('settleToolCall', settling(key, many, { retries: 1e9 }))).toMatchObject({
      result: { output: { output: { value: '{"sent":2}' } } },
    });
    expect(await attack.attempt('settleToolCall', settling(key, many, { tool: 'delete_all' }))).toMatchObject({
      result: { output: { output: { value: '{"sent":2}' } } },
    });
    expect(ranFor(attack.firstRunId).map(({ args }) => args)).toEqual([few]);
  });

  it('other arguments after the approval → the approved ones run', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_swapped`;
    const asked = await attack.attempt('requestApproval', requesting(key, { to: 'one', count: 11 }));
    expect(await attack.attempt('settleToolCall', settling(key, few))).toMatchObject({ result: { type: 'open' } });
    const decider = await stack.start([]);
    await decider.decide((asked as { result: { id: string } }).result.id, { decision: 'approve' });
    await attack.attempt('settleToolCall', settling(key, many));
    expect(ranFor(attack.firstRunId).map(({ args }) => args)).toEqual([{ to: 'one', count: 11 }]);
  });

  it('approval of one tool for another → refused', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_retooled`;
    const asked = await attack.attempt('requestApproval', requesting(key, many));
    const decider = await stack.start([]);
    await decider.decide((asked as { result: { id: string } }).result.id, { decision: 'approve' });
    expect(await attack.attempt('settleToolCall', settling(key, many, { tool: 'delete_all' }))).toMatchObject({
      result: { type: 'review' },
    });
    expect(other.ran).toEqual([]);
  });

  it('takes over a waiting run → gets its decision only', async () => {
    const own = await startRunStack([mail], { callbacks: false, worker: false });
    const honest = await own.startWorker();
    const victim = await own.start([calling(call('send_mail', many, 'call_taken'))]);
    const approval = await victim.approval();
    const key = await firstCallKey(victim);
    await honest.stop();
    const activities = await startActivityWorker(own);
    const thief = await startAttacker(own, { taskQueue: own.taskQueue });
    try {
      const taken = await thief.takeOver(victim.id, 4);
      expect(key).toContain(taken.firstRunId);
      expect(await taken.attempt('settleToolCall', settling(key, few))).toMatchObject({ result: { type: 'open' } });
      await victim.decide(approval, { decision: 'reject' });
      for (const args of [few, many])
        expect(await taken.attempt('settleToolCall', settling(key, args))).toMatchObject({
          result: { as: 'rejected' },
        });
      expect(ranFor('call_taken')).toEqual([]);
    } finally {
      await thief.stop();
      await activities.stop();
      await own.stop();
    }
  });
});
