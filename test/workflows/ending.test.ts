import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure, type WorkflowFailedError, type WorkflowExecutionStatusName } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createReviewService } from '@holdpoint/cheqpoint';
import { runWorkflowType } from '../../src/domain/wire-names.ts';
import { connectionKey } from '../support/keys.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

/** temporal.api.enums.v1.PendingActivityState: between two attempts. */
const pendingScheduled = 1;

const { tool, ran } = mailTool();
const mail = { to: 'all', count: 500 };
let abortedWith: unknown;
let slowStarted = 0;
const slow = mailTool({
  name: 'slow',
  review: 'never',
  execute: async (_args, { signal }) => {
    slowStarted += 1;
    try {
      await sleep(60_000, undefined, { signal });
    } catch (error) {
      abortedWith = signal.reason;
      throw error;
    }
  },
});
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool, slow.tool]);
});
afterAll(() => stack.stop());

const statusOf = async (run: StartedRun): Promise<WorkflowExecutionStatusName> =>
  (await stack.client.workflow.getHandle(run.id).describe()).status.name;
const failureOf = async (run: StartedRun) =>
  ((await run.result().catch((error: unknown) => error)) as WorkflowFailedError).cause;

type Asking = {
  /** How many requests are disturbed. @default 1 */
  times?: number;
  /** The fate of the reply to a disturbed request. */
  replying: (response: Response, init: RequestInit) => Promise<Response>;
  /** Resolves when the run is to be cancelled. */
  cancelledOnce: (run: StartedRun, asked: ReadonlyArray<{ id: string }>) => Promise<unknown>;
};

/** A run that is cancelled while it asks withdraws its request, which had arrived. */
async function expectWithdrawn({ times = 1, replying, cancelledOnce }: Asking): Promise<void> {
  const { review } = stack.dependencies;
  const asked: Array<{ id: string }> = [];
  const disturbed: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method !== 'POST' || asked.length >= times) return response;
    asked.push((await response.clone().json()) as { id: string });
    return await replying(response, init);
  };
  stack.dependencies.review = () =>
    createReviewService({ baseUrl: stack.reviewServer.url, connectionKey, fetch: disturbed });
  await stack.redeploy();
  try {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await cancelledOnce(run, asked);
    await run.cancel();
    expect(await failureOf(run)).toBeInstanceOf(CancelledFailure);
    const answer = await fetch(`${stack.reviewServer.url}/api/approvals/${asked[0]?.id}`, {
      headers: { 'x-api-key': connectionKey },
    });
    expect(await answer.json()).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'withdrawn' });
  } finally {
    stack.dependencies.review = review;
    await stack.redeploy();
  }
}

describe('cancelled run', () => {
  it('waiting call → request withdrawn, no tool run, cancelled in Temporal', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_cancelled'))]);
    const id = await run.approval();
    await run.cancel();
    expect(await failureOf(run)).toBeInstanceOf(CancelledFailure);
    expect(await statusOf(run)).toBe('CANCELLED');
    const answer = await fetch(`${stack.reviewServer.url}/api/approvals/${id}`, {
      headers: { 'x-api-key': 'cq_test_connection_key' },
    });
    expect(await answer.json()).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'withdrawn' });
    await expect(run.decide(id, { decision: 'approve' })).rejects.toThrow('Already rejected by the system (withdrawn)');
    expect(ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith('call_cancelled'))).toEqual([]);
  });

  it('cancelled during the request → request withdrawn', async () => {
    // The request has arrived. Its answer comes after the Activity's cancellation.
    await expectWithdrawn({
      replying: async (response, init) => {
        const { cancellationSignal } = Context.current();
        if (!cancellationSignal.aborted) await once(cancellationSignal, 'abort');
        init.signal?.throwIfAborted();
        return response;
      },
      cancelledOnce: async (_run, asked) => await until('it asks', () => asked.length === 1),
    });
  });

  it('cancelled after a lost reply → request withdrawn', async () => {
    // The request arrives and its reply does not, for the local attempt and for the Activity that follows. The run is
    // cancelled in the pause before the next attempt.
    await expectWithdrawn({
      times: 2,
      replying: async () => {
        throw new TypeError('the connection broke');
      },
      cancelledOnce: async (run) => {
        const handle = stack.client.workflow.getHandle(run.id);
        await until(
          'the first attempt has failed',
          async () =>
            (await handle.describe()).raw.pendingActivities?.some(
              ({ attempt, state }) => attempt === 2 && Number(state) === pendingScheduled,
            ) === true,
        );
      },
    });
  });

  it('running tool → its AbortSignal fires', async () => {
    const run = await stack.start([calling(call('slow', mail)), answering('never said')]);
    await until('the tool runs', () => slowStarted === 1);
    await run.cancel();
    expect(await failureOf(run)).toBeInstanceOf(CancelledFailure);
    expect(abortedWith).toBeDefined();
    expect(run.received()).toHaveLength(1);
  });

  it('search attributes → no longer waiting', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await run.approval();
    const described = () => stack.client.workflow.getHandle(run.id).describe();
    expect((await described()).searchAttributes).toMatchObject({
      HoldpointState: ['waiting'],
      HoldpointAssistant: ['tester'],
      HoldpointTool: ['send_mail'],
    });
    await run.cancel();
    await failureOf(run);
    const { searchAttributes } = await described();
    expect(Object.keys(searchAttributes).filter((name) => name.startsWith('Holdpoint'))).toEqual([
      'HoldpointAssistant',
    ]);
  });
});

describe('run', () => {
  it('maxTurns used → fails', async () => {
    const again = calling(call('send_mail', { to: 'bob', count: 1 }));
    const run = await stack.start([again, again, again], { maxTurns: 2 });
    expect(await failureOf(run)).toMatchObject({
      type: 'MaxTurnsExceeded',
      message: expect.stringContaining('After 2 turns'),
    });
  });

  it('repeats of a rejected call → the first is reviewed, later ones are refused', async () => {
    const run = await stack.start([1, 2, 3, 4].map(() => calling(call('send_mail', { to: 'repeat', count: 99 }))));
    const first = await run.approval();
    await run.decide(first, { decision: 'reject' });
    const second = await until('the repeat is asked', async () => {
      const id = await run.approval();
      return id !== first && id;
    });
    await run.decide(second, { decision: 'reject' });
    await run.result();
    const denied = 'Security system denied this specific action.';
    const before = 'This action was denied before. It was not asked again.';
    expect(run.told()).toEqual([denied, denied, before, before]);
    expect(ran.filter(({ args }) => args['to'] === 'repeat')).toEqual([]);
  });

  it('same id twice → one run', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await expect(stack.start([], { id: run.id })).rejects.toBeInstanceOf(WorkflowExecutionAlreadyStartedError);
    await run.cancel();
  });

  it('unknown tool, bad arguments → the model is told, no review', async () => {
    const run = await stack.start([
      calling(
        call('send_fax', {}),
        call('send_mail', { to: 'x', count: -1 }),
        call('send_mail', { to: 'x' }),
        { callId: 'call_json', name: 'send_mail', arguments: '{"to":' },
        call('send_mail', 'text'),
      ),
    ]);
    await run.result();
    expect(run.told()).toEqual([
      'Unknown tool "send_fax". Available tools: send_mail, slow.',
      'Invalid arguments for "send_mail": count: Too small: expected number to be >0.',
      'Invalid arguments for "send_mail": count: Invalid input: expected number, received undefined.',
      expect.stringMatching(/^Invalid arguments for "send_mail": arguments: not valid JSON \(.+\)\.$/),
      'Invalid arguments for "send_mail": arguments: expected a JSON object.',
    ]);
    expect(ran.filter(({ args }) => args['to'] === 'x')).toEqual([]);
  });
});

describe('cost of a run in history events', () => {
  const upsert = 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES';

  it('reviewed call → no event while waiting, at most 16 bare events and two upserts', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const id = await run.approval();
    const before = (await run.events()).length;
    await sleep(1_000); // Nothing may happen here, so there is nothing to wait for.
    expect(await run.events()).toHaveLength(before);
    await run.decide(id, { decision: 'approve' });
    await run.result();
    const all = await run.events();
    const events = all.filter((event) => event !== upsert);
    const runAlone = 1 + 3 + 6 + 6 + 1; // started, first task, two turns, completed
    expect(events.length - runAlone).toBeLessThanOrEqual(16);
    // And one at its start, for the assistant of a run that was not started by the gateway.
    expect(all.length - events.length).toBe(2 + 1);
  });

  it('call without review → six events', async () => {
    const run = await stack.start([calling(call('send_mail', { to: 'bob', count: 1 }))]);
    await run.result();
    expect((await run.events()).filter((event) => event !== upsert).length - 17).toBeLessThanOrEqual(6);
  });

  it('started by the gateway, never waiting → no upsert', async () => {
    const id = 'run-without-review';
    stack.script(id, [calling(call('send_mail', { to: 'bob', count: 1 })), answering('done')]);
    await stack.holdpoint.runs.create({ id, assistant: 'tester', input: 'go' });
    const run = stack.attach(id);
    await run.result();
    expect(await run.events()).not.toContain(upsert);
    expect((await stack.client.workflow.getHandle(id).describe()).searchAttributes).toMatchObject({
      HoldpointAssistant: ['tester'],
    });
  });

  it('started with a state → one upsert removes it', async () => {
    const id = 'run-with-a-state';
    stack.script(id, [answering('done')]);
    const typedSearchAttributes = new TypedSearchAttributes([
      { key: defineSearchAttributeKey('HoldpointState', 'KEYWORD'), value: 'running' },
    ]);
    await stack.client.workflow.start(runWorkflowType, {
      args: [{ assistant: 'tester', input: { type: 'inline', value: 'go' } }],
      taskQueue: stack.taskQueue,
      workflowId: id,
      typedSearchAttributes,
    });
    const run = stack.attach(id);
    await run.result();
    expect((await run.events()).filter((event) => event === upsert)).toHaveLength(1);
    const { searchAttributes } = await stack.client.workflow.getHandle(id).describe();
    expect(searchAttributes).toMatchObject({ HoldpointAssistant: ['tester'] });
    expect(searchAttributes).not.toHaveProperty('HoldpointState');
  });

  it('no continueFrom → no request to Temporal', async () => {
    const asked = vi.spyOn(stack.dependencies.runs, 'firstRunId');
    const run = await stack.start([calling(call('send_mail', mail)), answering('done')]);
    await run.decide(await run.approval(), { decision: 'approve' });
    await run.result();
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });
});
