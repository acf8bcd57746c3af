import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import proto from '@temporalio/proto';
import { ensureReconcileSchedule, reconcileScheduleId } from '../../src/adapters/temporal/reconcile-schedule.ts';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool], { worker: false });
});
afterAll(() => stack.stop());

const startRun = async (id: string): Promise<void> => {
  stack.script(id, [calling(call('send_mail', { to: 'all', count: 500 })), answering('Sent.')]);
  await createTemporalRuns({ client: stack.client, taskQueue: stack.taskQueue }).create({
    id,
    assistant: 'tester',
    caller: 'operator',
    input: 'Mail everybody.',
    inputDigest: id,
  });
};
const eventsOf = async (id: string) => (await stack.client.workflow.getHandle(id).fetchHistory()).events ?? [];

describe('worker that is gone', { timeout: 60_000 }, () => {
  it('Workflow Task of a new run was taken → another worker gets it after 5 s, and the tool runs once', async () => {
    await startRun('task-taken');
    const { namespace } = stack.client.options;
    // The poll of a worker that takes the task and dies: it never answers.
    const taken = await stack.client.withDeadline(Date.now() + 30_000, () =>
      stack.client.workflowService.pollWorkflowTaskQueue({
        namespace,
        taskQueue: { name: stack.taskQueue },
        identity: 'dead-worker',
      }),
    );
    expect(taken.workflowExecution?.workflowId).toBe('task-taken');
    const worker = await stack.startWorker();
    const run = stack.attach('task-taken');
    const approval = await until('the request', () => run.approval().catch(() => undefined));
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    await worker.stop();
    expect(ran).toHaveLength(1);
    const events = await eventsOf('task-taken');
    expect(Number(events[0]?.workflowExecutionStartedEventAttributes?.workflowTaskTimeout?.seconds)).toBe(5);
    expect(events.flatMap((event) => event.workflowTaskTimedOutEventAttributes?.timeoutType ?? [])).toEqual([
      proto.temporal.api.enums.v1.TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE,
    ]);
  });

  it('Activities of a run → 5 s without a heartbeat end an attempt, the first retry follows after 200 ms', async () => {
    const events = await eventsOf('task-taken');
    const scheduled = events.flatMap(({ activityTaskScheduledEventAttributes: attributes }) => attributes ?? []);
    expect(scheduled.length).toBeGreaterThanOrEqual(3);
    for (const { heartbeatTimeout, retryPolicy } of scheduled) {
      expect(Number(heartbeatTimeout?.seconds)).toBe(5);
      expect(retryPolicy?.initialInterval?.nanos).toBe(200_000_000);
    }
  });

  it('Workflow of the reconcile Schedule → has the same time limit of a Workflow Task', async () => {
    await ensureReconcileSchedule(stack.client, { taskQueue: stack.taskQueue, everything: false });
    const schedule = stack.client.schedule.getHandle(reconcileScheduleId(stack.taskQueue));
    const { action } = await schedule.describe();
    await schedule.delete();
    expect(action).toMatchObject({ workflowTaskTimeout: 5_000 });
  });
});
