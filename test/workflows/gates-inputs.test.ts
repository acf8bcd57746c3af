import { randomUUID } from 'node:crypto';
import type { WorkflowFailedError } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '@holdpoint/json';
import { decidedSignal, runQuery, runWorkflowType } from '../../src/domain/wire-names.ts';
import type { RunView } from '../../src/domain/run.ts';
import { startAttacker, type Attacker } from '../support/attacker.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const many = { to: 'all', count: 500 };
let stack: RunStack;
let attacker: Attacker;
beforeAll(async () => {
  stack = await startRunStack([tool]);
  attacker = await startAttacker(stack);
});
afterAll(async () => {
  await attacker.stop();
  await stack.stop();
});

const ranFor = (part: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.includes(part));
const ending = async (id: string) =>
  await stack.client.workflow
    .getHandle(id)
    .result()
    .catch((error: WorkflowFailedError) => error.cause);
const good = { assistant: 'tester', input: { type: 'inline', value: 'go' } };
const approved = { outcome: 'approved', by: 'person', decidedAt: '2026-01-01T00:00:00.000Z', edited: false };

/** A call as a Run would carry it, ready to act. */
function carriedCall(callId: string, more: { [field: string]: Json } = {}): { [field: string]: Json } {
  return {
    call: {
      kind: 'tool',
      callId,
      tool: 'send_mail',
      arguments: { type: 'inline', value: many },
      fingerprint: 'f',
      plan: { type: 'execute' },
      timeoutMs: 60_000,
    },
    key: `OWN/1/0/${callId}`,
    position: 0,
    step: { type: 'settle' },
    requests: [],
    news: false,
    looks: 0,
    systemRejections: 0,
    retries: 0,
    lost: [],
    ...more,
  };
}
function carrying(...calls: Json[]): Json {
  return {
    turn: 1,
    conversation: null,
    next: { outputs: [], messages: [good.input] },
    calls,
    rejections: {},
    settledCalls: 0,
    messages: [],
    heard: [],
    turnsBefore: 0,
  };
}

describe('malformed run input', () => {
  const malformed: Array<[string, unknown[]]> = [
    ['nothing', []],
    ['null', [null]],
    ['a text', ['go']],
    ['no assistant', [{ input: good.input }]],
    ['an assistant that is no text', [{ ...good, assistant: { name: 'tester' } }]],
    ['no text', [{ assistant: 'tester' }]],
    ['a bare text instead of a payload', [{ assistant: 'tester', input: 'go' }]],
    ['a payload of no known type', [{ assistant: 'tester', input: { type: 'file' } }]],
    ['a stored payload without a digest', [{ assistant: 'tester', input: { type: 'stored' } }]],
    ['a maxTurns that is no number', [{ ...good, maxTurns: 'ten' }]],
    ['a maxTurns of zero', [{ ...good, maxTurns: 0 }]],
    ['parents that are no list', [{ ...good, parents: 'run-1' }]],
    ['progress although it is new', [{ ...good, carried: carrying(carriedCall('call_new')) }]],
    ['progress that is no progress', [{ ...good, carried: 'everything' }]],
  ];
  it.each(malformed)('%s → InvalidRunInput', async (_what, args) => {
    const { workflowId } = await stack.client.workflow.start(runWorkflowType, {
      args,
      taskQueue: stack.taskQueue,
      workflowId: `malformed-${randomUUID()}`,
    });
    expect(await ending(workflowId)).toMatchObject({
      type: 'InvalidRunInput',
      message: expect.stringMatching(/run|maxTurns|parents|carried/),
    });
  });

  it.each<[string, Json]>([
    ['no object', 'x'],
    ['an empty object', {}],
    ['calls that are no list', { ...(carrying() as object), calls: 'all' }],
    ['a call without a step', carrying(carriedCall('call_bad', { step: null }))],
    ['a step of no known type', carrying(carriedCall('call_bad', { step: { type: 'run' } }))],
    ['a call without a call', carrying(carriedCall('call_bad', { call: {} }))],
    ['requests that are no list', carrying(carriedCall('call_bad', { requests: { number: 1 } }))],
    ['a request that is none', carrying(carriedCall('call_bad', { requests: [null] }))],
    ['a done call without an output', carrying(carriedCall('call_bad', { step: { type: 'done', as: 'ran' } }))],
    ['a next that is no turn', { ...(carrying() as object), next: { type: 'dance' } }],
    ['a deadline that is no time', carrying(carriedCall('call_bad', { deadlineAt: 'soon' }))],
    ['a deadline beyond all dates', carrying(carriedCall('call_bad', { deadlineAt: 1e18 }))],
    ['an order to supersede that is none', { ...(carrying() as object), supersede: 'all' }],
    ['a call to be replaced by what is no order', carrying(carriedCall('call_bad', { supersede: 1 }))],
    ['news that is none', carrying(carriedCall('call_bad', { news: 'come' }))],
    ['a decision that is none', carrying(carriedCall('call_bad', { decision: 'approved' }))],
    [
      'parked at no time',
      carrying(carriedCall('call_bad', { parked: { type: 'QuotaExhausted', message: 'x', since: 'now' } })),
    ],
    ['no rejections', { ...(carrying() as object), rejections: null }],
  ])('malformed carried state: %s → InvalidRunInput', async (_what, carried) => {
    const id = await attacker.startAsRun({ ...good, carried });
    expect(await ending(id)).toMatchObject({ type: 'InvalidRunInput' });
    expect(ranFor('call_bad')).toEqual([]);
  });
});

describe('made-up progress in the run input', () => {
  const request = { number: 1, kind: 'call', id: 'req_made_up' };
  it.each<[string, Json]>([
    ['a call that is ready to act', carriedCall('call_ready')],
    ['a call with a request', carriedCall('call_requested', { requests: [request], waitingSince: 1 })],
    ['a call with a decision', carriedCall('call_decided', { requests: [request], decision: approved })],
    [
      'a call with a deadline in a distant future',
      carriedCall('call_patient', {
        step: { type: 'wait' },
        requests: [request],
        news: true,
        deadlineAt: 2.5e14,
        waitingSince: 1,
      }),
    ],
    [
      'a call with news, retries and lost requests',
      carriedCall('call_noisy', {
        step: { type: 'wait' },
        requests: [request],
        news: true,
        retries: 1e9,
        lost: [request],
      }),
    ],
  ])('%s → a person decides, the tool does not run', async (_what, carried) => {
    const { callId } = (carried as { call: { callId: string } }).call;
    const id = await attacker.startAsRun({ ...good, carried: carrying(carried) });
    const view = await until('it waits for a person', async () => {
      const seen = await stack.client.workflow
        .getHandle(id)
        .query<RunView>(runQuery)
        .catch(() => undefined);
      return (
        seen?.calls.some(
          ({ state, approval }) => state === 'waiting' && approval?.id?.startsWith('req_made_up') === false,
        ) && seen
      );
    });
    expect(ranFor(callId)).toEqual([]);
    const decider = await stack.start([]);
    await decider.decide(view.calls[0]?.approval?.id as string, { decision: 'reject' });
    await ending(id);
    expect(ranFor(callId)).toEqual([]);
  });

  it("made-up arguments and link under another run's request → the gateway shows the request as it was made", async () => {
    const victim = await stack.start([calling(call('send_mail', many, 'call_shown'))]);
    const approval = await victim.approval();
    const harmless = carriedCall('call_harmless', {
      step: { type: 'wait' },
      requests: [{ number: 1, kind: 'call', id: approval, reviewUrl: 'https://phishing.example/' }],
      waitingSince: 1,
    });
    (harmless['call'] as { arguments: Json }).arguments = { type: 'inline', value: { to: 'me', count: 1 } };
    const shown = { state: 'waiting', tools: ['send_mail'], approvals: [approval], waitingSince: 1 };
    const id = await attacker.startAsRun(
      { ...good, carried: { ...(carrying(harmless) as object), shown } },
      new TypedSearchAttributes([
        { key: defineSearchAttributeKey('HoldpointState', 'KEYWORD'), value: 'waiting' },
        { key: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'), value: 'tester' },
        { key: defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME'), value: new Date() },
        { key: defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST'), value: [approval] },
      ]),
    );
    const list = await until('both runs are listed', async () => {
      const { approvals, unread } = await stack.holdpoint.approvals.list({ limit: 200 });
      return (
        approvals.some((each) => each.id === approval) &&
        unread.some(({ runId }) => runId === id) && { approvals, unread }
      );
    });
    expect(list.unread).toContainEqual({
      runId: id,
      assistant: 'tester',
      reason: expect.stringContaining('another call'),
    });
    expect(list.approvals.filter((each) => each.id === approval)).toMatchObject([
      { runId: victim.id, tool: 'send_mail', arguments: many },
    ]);
    expect(await stack.holdpoint.approvals.get(approval)).toMatchObject({ runId: victim.id, arguments: many });
    expect(JSON.stringify(list.approvals)).not.toContain('phishing');
    await victim.decide(approval, { decision: 'reject' });
    await victim.result();
    await stack.client.workflow.getHandle(id).terminate();
  });

  it('deadline long past → ends without the tool', async () => {
    const overdue = carriedCall('call_overdue', {
      step: { type: 'wait' },
      requests: [request],
      deadlineAt: 1,
      waitingSince: 1,
    });
    expect(await ending(await attacker.startAsRun({ ...good, carried: carrying(overdue) }))).toMatchObject({
      output: { value: 'done' },
    });
    expect(ranFor('call_overdue')).toEqual([]);
  });

  it("another run's call → refused, that run's request is unchanged", async () => {
    const victim = await stack.start([calling(call('send_mail', many, 'call_stolen'))]);
    const approval = await victim.approval();
    const { key } = (await victim.view()).calls[0] ?? { key: '' };
    const stolen = carriedCall('call_stolen', { key, requests: [{ number: 1, kind: 'call', id: approval }] });
    expect(await ending(await attacker.startAsRun({ ...good, carried: carrying(stolen) }))).toMatchObject({
      type: 'ForeignCall',
    });
    expect(ranFor('call_stolen')).toEqual([]);
    await victim.decide(approval, { decision: 'approve' });
    await victim.result();
    expect(ranFor('call_stolen')).toHaveLength(1);
  });
});

describe('forged Signals', () => {
  const nonsense: unknown[][] = [
    [],
    [null],
    [undefined],
    [42],
    ['text'],
    [[]],
    [{}],
    [{ callKey: {} }],
    [{ callKey: null, approvalId: null, request: 'x' }],
    [{ callKey: 'OWN', approvalId: 'x'.repeat(5000), request: 1 }],
    [{}, {}, {}],
  ];

  it('malformed, or for other calls and runs → nothing changes', async () => {
    const other = await stack.start([calling(call('send_mail', many, 'call_other'))]);
    const otherApproval = await other.approval();
    const otherKey = (await other.view()).calls[0]?.key;
    const run = await stack.start([calling(call('send_mail', many, 'call_signalled'))]);
    const approval = await run.approval();
    await other.decide(otherApproval, { decision: 'approve' });
    await other.result();
    const key = (await run.view()).calls[0]?.key ?? '';
    for (const args of JSON.parse(JSON.stringify(nonsense).replaceAll('OWN', key)) as unknown[][])
      await run.signal(decidedSignal, ...args);
    await run.signal('retry', { callKey: key });
    await run.signal('no-such-signal', 1);
    await run.signal(decidedSignal, { callKey: otherKey, request: 1, approvalId: otherApproval });
    await run.signal(decidedSignal, {
      callKey: key,
      request: 1,
      approvalId: otherApproval,
      status: 'APPROVED',
      decision: approved,
    });
    await until('the hint is checked', async () => (await run.view()).calls[0]?.state === 'waiting');
    expect(ranFor('call_signalled')).toEqual([]);
    await run.decide(approval, { decision: 'reject' });
    await run.result();
    expect(run.told()).toEqual(['Security system denied this specific action.']);
    expect(ranFor('call_signalled')).toEqual([]);
  });

  it('hundreds → few checks, one effect', async () => {
    const run = await stack.start([calling(call('send_mail', many, 'call_flooded'))]);
    const approval = await run.approval();
    const key = (await run.view()).calls[0]?.key;
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        run.signal(decidedSignal, { callKey: key, request: index, approvalId: `req_flood_${index}` }),
      ),
    );
    await until('the flood is over', async () => (await run.view()).calls[0]?.state === 'waiting');
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect(ranFor('call_flooded')).toHaveLength(1);
    const looks = (await run.events()).filter((type) => type === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED').length;
    expect(looks).toBeLessThan(300);
  });
});
