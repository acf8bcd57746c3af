import { defineSearchAttributeKey } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureReconcileSchedule } from '../../src/adapters/temporal/reconcile-schedule.ts';
import { Envelopes } from '../../src/signing/envelope.ts';
import { createReviewService } from '@holdpoint/cheqpoint';
import type { Assistant } from '../../src/assistant/assistant.ts';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { decidedSignal, reconcileWorkflowType, runWorkflowType } from '../../src/domain/wire-names.ts';
import type { ReconcileResult } from '../../src/domain/reconcile.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const mail = { to: 'all', count: 500 };
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool], { callbacks: false });
});
afterAll(() => stack.stop());

let looks = 0;
const reconcile = (): Promise<ReconcileResult> =>
  stack.client.workflow.execute(reconcileWorkflowType, {
    args: [{ everything: true }],
    taskQueue: stack.taskQueue,
    workflowId: `look-${++looks}`,
  }) as Promise<ReconcileResult>;

describe('lost callback', () => {
  it('decided → the reconcile round signals the run', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_lost'))]);
    const id = await run.approval();
    await run.decide(id, { decision: 'approve' });
    expect((await run.view()).calls[0]?.state).toBe('waiting');
    await until('a look finds it', async () => (await reconcile()).told > 0);
    await run.result();
    expect(ran).toHaveLength(1);
  });

  it('decided between two rounds of the Schedule’s Workflow → the next round signals the run', async () => {
    const rounds = await stack.client.workflow.start(reconcileWorkflowType, {
      args: [{ everything: false, everyMs: 1_000 }],
      taskQueue: stack.taskQueue,
      workflowId: 'rounds',
    });
    const run = await stack.start([calling(call('send_mail', mail, 'call_rounds'))]);
    await run.decide(await run.approval(), { decision: 'approve' });
    expect((await run.result()).toolCalls).toBe(1);
    await rounds.terminate();
  });

  it('more approvals than the search attribute holds → one that was hidden is read when it emerges', async () => {
    const ranBefore = ran.length;
    const calls = Array.from({ length: 60 }, (_, index) => call('send_mail', mail, `call_${index}`));
    const run = await stack.start([calling(...calls)]);
    const ids = await until('all 60 wait', async () => {
      const known = (await run.view()).calls.flatMap(({ approval }) => approval?.id ?? []);
      return known.length === 60 ? known : undefined;
    });
    await run.decide(ids[59]!, { decision: 'approve' });
    for (const id of ids.slice(0, 20)) {
      await run.decide(id, { decision: 'reject' });
      await run.signal(decidedSignal, { approvalId: id });
    }
    await until('the hidden one ran', () => ran.length > ranBefore);
    expect((await run.view()).calls[59]?.state).toBe('done');
    await run.cancel();
  });

  it('early hints → each is followed by another check', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_early'))]);
    const id = await run.approval();
    const looked = async () =>
      (await run.events()).filter((event) => event === 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED').length;
    for (let early = 0; early < 4; early += 1) {
      const before = await looked();
      await run.signal(decidedSignal, { approvalId: id });
      await until('it was looked at', async () => (await looked()) > before);
    }
    await run.decide(id, { decision: 'reject' });
    await run.result();
    expect(run.told()).toEqual(['Security system denied this specific action.']);
  });

  it('still open → no Signal', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await run.approval();
    const { waitingRuns } = stack.dependencies;
    const isSeen = async () => (await waitingRuns.waiting({ after: null, until: Date.now() })).length > 0;
    await until('it can be seen', isSeen);
    expect(await reconcile()).toMatchObject({ told: 0, looked: 0 });
    const events = (await run.events()).filter((event) => event.includes('SIGNALED'));
    expect(events).toEqual([]);
    await run.cancel();
  });

  it('approval without an assistant → found as well', async () => {
    const run = await stack.start([], {
      assistant: '(none)',
      input: { type: 'inline', value: mail },
      approval: { action: 'send_mail', summary: 'Mail all' },
    });
    await run.decide(await run.approval(), { decision: 'approve' });
    await until('a look finds it', async () => (await reconcile()).told > 0);
    expect(await run.result()).toMatchObject({ kind: 'approval' });
  });

  it('terminated run → its request is withdrawn', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    const id = await run.approval();
    await stack.client.workflow.getHandle(run.id).terminate('gone');
    await until('a look withdraws it', async () => (await reconcile()).withdrawn > 0);
    const answer = await fetch(`${stack.reviewServer.url}/api/approvals/${id}`, {
      headers: { 'x-api-key': 'cq_test_connection_key' },
    });
    expect(await answer.json()).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'withdrawn' });
  });

  it('set up several times → one Schedule', async () => {
    await ensureReconcileSchedule(stack.client, { taskQueue: stack.taskQueue, everything: true });
    await ensureReconcileSchedule(stack.client, { taskQueue: stack.taskQueue, everything: false });
    const handle = stack.client.schedule.getHandle(`holdpoint-reconcile-${stack.taskQueue}`);
    expect((await handle.describe()).spec.intervals).toMatchObject([{ every: 60_000 }]);
    await handle.delete();
  });
});

describe('reconcile: signalled run', () => {
  it('still parked → not signalled in every round', async () => {
    const taskQueue = `own-${stack.taskQueue}`;
    const own = await startRunStack([tool], {
      callbacks: false,
      taskQueue,
      dependencies: { envelopes: new Envelopes(['another secret, that this worker does not share']) },
    });
    const schedule = stack.client.schedule.getHandle(`holdpoint-reconcile-${taskQueue}`);
    try {
      const run = await own.start([calling(call('send_mail', mail, 'call_still'))]);
      const id = await run.approval();
      own.dependencies.envelopes = new Envelopes(['a third secret, which knows nothing of the second one']);
      await own.redeploy();
      await ensureReconcileSchedule(stack.client, { taskQueue, everything: true });
      await run.decide(id, { decision: 'approve' });
      await until('it is parked', async () => (await run.view()).state === 'parked');
      // One Workflow run holds all rounds of an hour.
      const looked = async () => {
        const [running] = (await schedule.describe()).info.runningActions;
        const rounds = running && (await own.attach(running.workflow.workflowId).events());
        return rounds?.filter((event) => event === 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED').length ?? 0;
      };
      const before = await looked();
      await until('three more looks', async () => (await looked()) >= before + 3);
      expect((await run.events()).filter((event) => event.includes('SIGNALED'))).toHaveLength(1);
      const { info } = await schedule.describe();
      expect(info.recentActions).toHaveLength(1);
      // Other settings count at once.
      await ensureReconcileSchedule(stack.client, { taskQueue, everything: false });
      const { workflowId } = info.runningActions[0]!.workflow;
      expect((await stack.client.workflow.getHandle(workflowId).describe()).status.name).toBe('TERMINATED');
    } finally {
      await schedule.delete();
      await own.stop();
    }
  });
});

describe('reconcile: review service that does not answer', () => {
  it('other services → checked as usual', async () => {
    const away = createReviewService({ baseUrl: 'http://127.0.0.1:9', connectionKey: 'cq_of_somebody_else' });
    const { review, config } = stack.dependencies;
    const other = { ...(config.assistants[0] as Assistant), name: 'another' };
    stack.dependencies.config = { ...config, assistants: [...config.assistants, other] };
    stack.dependencies.review = (assistant) => (assistant.name === 'another' ? away : review(assistant));
    // It parks, so that it stays open with the approval that its search attributes name.
    stack.script('of-another', [
      () => {
        throw new ModelFailure('QuotaExhausted', 'No quota left.');
      },
    ]);
    const waiting = await stack.client.workflow.start(runWorkflowType, {
      args: [{ assistant: 'another', input: { type: 'inline', value: 'go' } }],
      taskQueue: stack.taskQueue,
      workflowId: 'of-another',
      typedSearchAttributes: [
        { key: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'), value: 'another' },
        { key: defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST'), value: ['req_away'] },
        { key: defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME'), value: new Date(0) },
      ],
    });
    await stack.redeploy();
    const run = await stack.start([calling(call('send_mail', mail, 'call_beside'))]);
    await run.decide(await run.approval(), { decision: 'approve' });
    await until('a look finds it', async () => (await reconcile()).told > 0);
    expect((await run.result()).toolCalls).toBe(1);
    await waiting.terminate();
  });
});
