import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '@holdpoint/json';
import type { TurnRequest } from '../../src/activities/ports.ts';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import type { ReconcileResult } from '../../src/domain/reconcile.ts';
import { reconcileWorkflowType, runWorkflowType } from '../../src/domain/wire-names.ts';
import { startAttacker, type Attacker } from '../support/attacker.ts';
import { pendingActivity } from '../support/run-call.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const secretOf = (length: number) => `the victim's secret ${'x'.repeat(length)}`;
const { tool, ran } = mailTool({ review: 'always' });
let stack: RunStack;
let attacker: Attacker;
let victim: StartedRun;
/** The references of another run, which anyone who reads its history knows. */
let entry: { entry: string; digest: string; bytes: number; surface: JsonObject };
let value: { type: 'stored'; digest: string; bytes: number };
beforeAll(async () => {
  stack = await startRunStack([tool], { callbacks: false });
  attacker = await startAttacker(stack);
  victim = await stack.start([answering(secretOf(100_000))]);
  const { conversation, output } = await victim.result();
  entry = conversation as typeof entry;
  value = output as typeof value;
});
afterAll(async () => {
  await attacker.stop();
  await stack.stop();
});

const inline = (value: Json) => ({ type: 'inline' as const, value });
const turn = (more: object) => ({
  assistant: 'tester',
  context: null,
  turn: 2,
  conversation: null,
  input: { outputs: [], messages: [inline('go')] },
  ...more,
});
const reference = (key: string, args: object) => ({ key, callId: 'call', tool: 'send_mail', arguments: args });

describe("another run's transcript", () => {
  it('as the conversation of a turn → refused, the model is not asked', async () => {
    const attack = await attacker.start();
    expect(await attack.attempt('takeTurn', turn({ conversation: entry }))).toEqual({ failed: 'ForeignCall' });
    expect(stack.model.received(attack.id)).toEqual([]);
  });

  it('as the conversation that a reviewer sees → refused, nothing is asked', async () => {
    const attack = await attacker.start();
    const args = inline({ to: 'all', count: 5 });
    const key = `${attack.firstRunId}/1/0/call_words`;
    const input = { assistant: 'tester', context: null, call: reference(key, args), arguments: args, number: 1 };
    expect(await attack.attempt('requestApproval', { ...input, kind: 'call', conversation: entry })).toEqual({
      failed: 'ForeignCall',
    });
    expect(await stack.database.requests.list(key)).toEqual([]);
  });

  it('gone from the database → parks as ConversationLost', async () => {
    const attack = await attacker.start();
    expect(await attack.attempt('takeTurn', turn({ conversation: { ...entry, entry: 'gone' } }))).toEqual({
      failed: 'ConversationLost',
    });
  });

  it('named by the state of an own conversation → the state of the database is used', async () => {
    const attack = await attacker.start();
    const seen: Array<TurnRequest['conversation']> = [];
    stack.script(attack.id, [answering('one'), (request) => (seen.push(request.conversation), answering('two'))]);
    const first = (await attack.attempt('takeTurn', turn({ turn: 1 }))) as { result: { conversation: typeof entry } };
    const forged = { ...first.result.conversation, surface: { responseId: 'resp_of_the_victim', store: true } };
    expect(await attack.attempt('takeTurn', turn({ conversation: forged }))).toMatchObject({ result: {} });
    expect(seen).toEqual([first.result.conversation]);
  });
});

describe("another run's stored value", () => {
  it.each(['messages', 'outputs'] as const)('in the %s of a turn → not read', async (field) => {
    const attack = await attacker.start();
    const output = { callId: 'c', key: 'k', output: value, obtainedAt: 1 };
    const input = { messages: [], outputs: [], [field]: [field === 'messages' ? value : output] };
    expect(await attack.attempt('takeTurn', turn({ input }))).toEqual({ failed: 'ConversationLost' });
    expect(stack.model.received(attack.id)).toEqual([]);
  });

  it('as arguments → not read, nothing is asked', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_value`;
    const input = { assistant: 'tester', context: null, call: reference(key, value) };
    const settling = { ...input, lost: [], close: false, retries: 0 };
    expect(await attack.attempt('settleToolCall', settling)).toEqual({ failed: 'ConversationLost' });
    const asking = { ...input, arguments: value, number: 1, kind: 'call', conversation: null };
    expect(await attack.attempt('requestApproval', asking)).toEqual({ failed: 'ConversationLost' });
    expect(await stack.database.requests.list(key)).toEqual([]);
  });

  it('as the result of a run → the gateway shows nothing of it', async () => {
    const attack = await attacker.start();
    const result = { output: value, turns: 1, toolCalls: 0, conversation: null };
    await stack.client.workflow
      .getHandle(attack.id)
      .signal('attempt', { activity: 'return', taskQueue: stack.taskQueue, input: result });
    await stack.client.workflow.getHandle(attack.id).result();
    expect(await stack.holdpoint.runs.get(attack.id)).toMatchObject({ state: 'completed', output: null });
    expect(await stack.holdpoint.runs.get(victim.id)).toMatchObject({ output: secretOf(100_000) });
  });

  it('own large input and message → the model gets both', async () => {
    const large = 'y'.repeat(100_000);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const id = `own-large-${crypto.randomUUID()}`;
    stack.script(id, [async () => (await held, answering('one')), answering('two')]);
    const run = await stack.holdpoint.runs.create({ id, assistant: 'tester', input: large });
    await stack.holdpoint.runs.send(id, large);
    release();
    await run.result();
    expect(stack.model.received(id).map(({ messages }) => messages)).toEqual([[large], [large]]);
  });
});

describe('checkpoint of a turn', () => {
  /** A turn whose first attempt does `first` and fails; what the second attempt got. */
  async function resumed(first: (request: TurnRequest, run: () => StartedRun) => Promise<void>): Promise<unknown> {
    let got: unknown;
    const id = `run-checkpoint-${crypto.randomUUID()}`;
    const run = await stack.start(
      [
        async (request) => {
          if (request.attempt === 1) {
            await first(request, () => stack.attach(id));
            throw new ModelFailure('ModelUnavailable', 'away');
          }
          got = request.resumeFrom;
          return answering('done');
        },
      ],
      { id },
    );
    await run.result();
    return got;
  }

  it('written by the worker → the next attempt gets it', async () => {
    expect(await resumed((request) => request.checkpoint({ responseId: 'resp_own' }))).toEqual({
      responseId: 'resp_own',
    });
  });

  it.each<[string, (real: JsonObject) => JsonObject]>([
    ['without a seal', (real) => ({ resume: real['resume'] ?? null })],
    ['with the seal of another turn', ({ resume }) => ({ resume: resume ?? null, seal: 'x'.repeat(43) })],
    ['with another response', ({ seal }) => ({ resume: { responseId: 'resp_victim' }, seal: seal ?? null })],
  ])('written to Temporal %s → dropped', async (_what, forge) => {
    const { client, namespace } = await startTestTemporal();
    const got = await resumed(async (request, run) => {
      await request.checkpoint({ responseId: 'resp_own' });
      const activityId = await pendingActivity(stack, run(), 'takeTurn');
      const { raw } = await client.workflow.getHandle(run().id).describe();
      const [details] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
      const real = JSON.parse(Buffer.from(details?.data ?? []).toString()) as JsonObject;
      const forged = client.options.loadedDataConverter.payloadConverter.toPayload(forge(real));
      await client.workflowService.recordActivityTaskHeartbeatById({
        namespace,
        workflowId: run().id,
        activityId,
        details: { payloads: [forged] },
      });
    });
    expect(got).toBeNull();
  });
});

describe("another run's request", () => {
  it('named by a closed run → the reconcile round leaves it open', async () => {
    const waiting = await stack.start([calling(call('send_mail', { to: 'all', count: 5 }, 'call_kept'))]);
    const approval = await waiting.approval();
    const gone = await stack.start([calling(call('send_mail', { to: 'all', count: 5 }, 'call_gone'))]);
    const left = await gone.approval();
    // It ends at once, since its input is no run, and keeps the search attributes that it was started with.
    await stack.client.workflow.start(runWorkflowType, {
      args: [{}],
      taskQueue: stack.taskQueue,
      workflowId: `attack-reconcile-${crypto.randomUUID()}`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'), value: 'tester' },
        { key: defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST'), value: [approval] },
        { key: defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME'), value: new Date() },
      ]),
    });
    await stack.client.workflow.getHandle(gone.id).terminate();
    let rounds = 0;
    const reconcile = (): Promise<ReconcileResult> =>
      stack.client.workflow.execute(reconcileWorkflowType, {
        args: [{ everything: true }],
        taskQueue: stack.taskQueue,
        workflowId: `own-references-look-${++rounds}`,
      }) as Promise<ReconcileResult>;
    await until('the request of the terminated run is withdrawn', async () => (await reconcile()).withdrawn > 0);
    await reconcile();
    const service = stack.dependencies.review({ name: 'tester', connectionKey: null });
    expect(await service.read(left, AbortSignal.timeout(5_000))).toMatchObject({ status: 'rejected' });
    expect(await service.read(approval, AbortSignal.timeout(5_000))).toMatchObject({ status: 'pending' });
    await waiting.decide(approval, { decision: 'approve' });
    await waiting.signal('decided', { approvalId: approval });
    await waiting.result();
    expect(ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith('call_kept'))).toHaveLength(1);
  });
});
