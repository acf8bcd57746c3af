import { randomUUID } from 'node:crypto';
import { Worker, NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../src/activities/index.ts';
import type { SettleInput, SettleResult, TurnResult } from '../../src/domain/activities.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import { startAttacker, temporalCommand, type Attacker } from '../support/attacker.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const many = { to: 'all', count: 500 };
const few = { to: 'bob', count: 2 };
const { tool: mail, ran } = mailTool();
const other = mailTool({ name: 'delete_all', review: 'always' });

/** A tool that acts at once and then takes as long as the test wants. */
function slowTool(effect: 'at-most-once' | 'idempotent') {
  const acted: string[] = [];
  const aborted: string[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { tool } = mailTool({
    name: `slow_${effect}`,
    effect,
    review: 'never',
    execute: async (_args, { idempotencyKey, signal }) => {
      acted.push(idempotencyKey);
      const { promise: stopped, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      stopped.catch(() => aborted.push(idempotencyKey));
      await Promise.race([released, stopped]);
      return 'real';
    },
  });
  return { tool, acted, aborted, release };
}
const slow = { once: slowTool('at-most-once'), idempotent: slowTool('idempotent') };

let stack: RunStack;
let attacker: Attacker;
beforeAll(async () => {
  // Nobody calls back here: a decided request waits until a test says so.
  stack = await startRunStack([mail, other.tool, slow.once.tool, slow.idempotent.tool], { callbacks: false });
  attacker = await startAttacker(stack);
});
afterAll(async () => {
  await attacker.stop();
  await stack.stop();
});

const ranFor = (part: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.includes(part));
const keyOf = async (run: StartedRun) =>
  await until('the run has a call', async () => (await run.view()).calls[0]?.key);
const tell = async (run: StartedRun) => run.signal(decidedSignal, { callKey: await keyOf(run) });

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

/** The Activity of that type that Temporal holds as pending for the run. */
const pending = async (run: StartedRun, type: string) =>
  await until(`${type} of ${run.id} is pending`, async () => {
    const { raw } = await stack.client.workflow.getHandle(run.id).describe();
    return raw.pendingActivities?.find(({ activityType }) => activityType?.name === type)?.activityId ?? undefined;
  });

async function forge(run: StartedRun, type: string, result: unknown): Promise<void> {
  await stack.client.activity.complete({ workflowId: run.id, activityId: await pending(run, type) }, result);
}

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

describe('a forged result', () => {
  it('of takeTurn that plans a risky call as "execute" sends it to review all the same', async () => {
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
    await tell(run);
    await run.result();
    expect(ranFor('call_forged_plan')).toEqual([]);
  });

  it.each(['once', 'idempotent'] as const)(
    'of settleToolCall while a tool (%s) runs does not make it act twice, and the real result is kept',
    async (effect) => {
      const { acted, release } = slow[effect];
      const run = await stack.start([
        calling(call(`slow_${effect}`, few, `call_forged_${effect}`)),
        answering('went on'),
      ]);
      await until('the tool acts', () => acted.length > 0);
      const key = await keyOf(run);
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

  it('of settleToolCall that says "open" while a tool runs ends in a question, not in a second effect', async () => {
    const { acted, tool, release } = slowTool('at-most-once');
    const own = await startRunStack([tool], { callbacks: false });
    try {
      const run = await own.start([calling(call(tool.name, few))]);
      await until('the tool acts', () => acted.length > 0);
      await forge(run, 'settleToolCall', { type: 'open' } satisfies SettleResult);
      await tell(run);
      const id = await run.approval();
      release();
      const key = await keyOf(run);
      await until('the tool has ended', async () => (await own.database.effects.newest(key))?.state === 'done');
      await run.decide(id, { decision: 'approve', modifiedDetails: { outcome: 'not_happened' } });
      await tell(run);
      await run.result();
      expect(run.told()).toEqual(['real']);
      expect(acted).toEqual([key]);
    } finally {
      await own.stop();
    }
  });
});

describe("an Activity outside the call's own run", () => {
  it('is refused when another Workflow schedules it with the key of an approved call', async () => {
    const victim = await stack.start([calling(call('send_mail', many, 'call_victim'))]);
    await victim.decide(await victim.approval(), { decision: 'approve' });
    const key = await keyOf(victim);
    for (const type of ['somebodyElses', 'holdpointRun'] as const) {
      const foreign = await attacker.start(type);
      expect(await foreign.attempt('settleToolCall', settling(key, many))).toEqual({ failed: 'ForeignCall' });
      expect(await foreign.attempt('requestApproval', requesting(key, few))).toEqual({ failed: 'ForeignCall' });
    }
    expect(ranFor('call_victim')).toEqual([]);
    await tell(victim);
    await victim.result();
    expect(ranFor('call_victim')).toHaveLength(1);
  });

  it('is refused when it is started by hand, without a Workflow', async () => {
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
      JSON.stringify(settling(await keyOf(victim), many)),
    );
    expect(said).toContain('started without one');
    expect(ranFor('call_standalone')).toEqual([]);
    await victim.cancel();
  });

  it.each([{ call: undefined }, { call: { key: 7 } }, { call: { key: '' } }, { call: { key: '../1/0/call' } }])(
    'is refused with %j for a call',
    async (input) => {
      const foreign = await attacker.start();
      expect(await foreign.attempt('settleToolCall', { ...settling('x', many), ...input })).toEqual({
        failed: 'ForeignCall',
      });
    },
  );
});

describe("a Worker whose holdpointRun is somebody else's code", () => {
  it('gets no reviewed call to act, whatever it says about it', async () => {
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

  it('takes no turn in the name of another run', async () => {
    const victim = await stack.start([calling(call('send_mail', many, 'call_named'))]);
    const [, victims] = [await victim.approval(), (await keyOf(victim)).split('/')[0]];
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

  it('gets the first result again when it changes the arguments under the same key', async () => {
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

  it('runs what was approved, not what it sends along afterwards', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_swapped`;
    const asked = await attack.attempt('requestApproval', requesting(key, { to: 'one', count: 11 }));
    expect(await attack.attempt('settleToolCall', settling(key, few))).toMatchObject({ result: { type: 'open' } });
    const decider = await stack.start([]);
    await decider.decide((asked as { result: { id: string } }).result.id, { decision: 'approve' });
    await attack.attempt('settleToolCall', settling(key, many));
    expect(ranFor(attack.firstRunId).map(({ args }) => args)).toEqual([{ to: 'one', count: 11 }]);
  });

  it("can't spend the approval of one tool on another", async () => {
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

  it('that takes a waiting run over gets its decision and nothing else', async () => {
    const { address, namespace } = await startTestTemporal();
    const own = await startRunStack([mail], { callbacks: false, worker: false });
    const honest = await own.startWorker();
    const victim = await own.start([calling(call('send_mail', many, 'call_taken'))]);
    const approval = await victim.approval();
    const key = await keyOf(victim);
    await honest.stop();
    const connection = await NativeConnection.connect({ address });
    const activities = await Worker.create({
      connection,
      namespace,
      taskQueue: own.taskQueue,
      activities: createActivities(own.dependencies),
      shutdownGraceTime: 100,
    });
    const running = activities.run();
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
      activities.shutdown();
      await running;
      await connection.close();
      await own.stop();
    }
  });
});

describe('a reset', () => {
  it('of the Workflow after the effect neither acts nor asks again', async () => {
    const run = await stack.start([
      calling(call('send_mail', many, 'call_reset')),
      calling(call('send_mail', { to: 'next', count: 99 }, 'call_after_reset')),
    ]);
    await run.decide(await run.approval(), { decision: 'approve' });
    const key = await keyOf(run);
    await tell(run);
    await until(
      'the second call waits',
      async () => (await run.view()).calls[0]?.callId === 'call_after_reset' && (await run.approval()),
    );
    await reset(run);
    await tell(run);
    const second = await until(
      'the second call waits again',
      async () => (await run.view()).calls[0]?.callId === 'call_after_reset' && (await run.approval()),
    );
    expect(await stack.database.requests.list(key)).toHaveLength(1);
    expect(run.told()).toEqual(['{"sent":500}', '{"sent":500}']);
    await run.decide(second, { decision: 'reject' });
    await tell(run);
    // The run that was started has been replaced by the reset.
    await stack.client.workflow.getHandle(run.id).result();
    expect(ranFor('call_reset')).toHaveLength(1);
    expect(ranFor('call_after_reset')).toEqual([]);
  });

  it('of the Workflow finds the newest request of a call again, and shows it', async () => {
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

  it('of the Activity in back-off repeats an idempotent call under its one key', async () => {
    const keys: string[] = [];
    const { tool } = mailTool({
      review: 'never',
      execute: (_args, { idempotencyKey, attempt }) => {
        keys.push(idempotencyKey);
        if (attempt < 3) throw new Error('not yet');
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
        await pending(run, 'settleToolCall'),
        '--workflow-id',
        run.id,
      );
      expect(said).not.toContain('Error');
      await run.result();
      expect(run.told()).toEqual(['at last']);
      expect(new Set(keys).size).toBe(1);
      expect(keys).toHaveLength(3);
    } finally {
      await own.stop();
    }
  });

  it('of the Activity while a `at-most-once` tool acts asks what happened, and acts no second time', async () => {
    const { acted, aborted, tool } = slowTool('at-most-once');
    const own = await startRunStack([tool]);
    try {
      const run = await own.start([calling(call(tool.name, few))]);
      await until('the tool acts', () => acted.length > 0);
      await temporalCommand(
        'activity',
        'reset',
        '--activity-id',
        await pending(run, 'settleToolCall'),
        '--workflow-id',
        run.id,
      );
      await until('the tool is told', () => aborted.length > 0);
      await run.decide(await run.approval(), { decision: 'approve' });
      await run.result();
      expect(run.told()).toEqual(['A person confirmed that this action was carried out. Its result is not known.']);
      expect(acted).toHaveLength(1);
    } finally {
      await own.stop();
    }
  });
});
