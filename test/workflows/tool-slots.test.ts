import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../src/activities/index.ts';
import { createToolWorker, stopWorker, toolQueueOf } from '../../src/worker/tool-worker.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';

describe('slots for tools', { timeout: 180_000 }, () => {
  const { tool, ran } = mailTool();
  let stack: RunStack;
  let connection: NativeConnection;
  beforeAll(async () => {
    stack = await startRunStack([tool], { worker: false });
    const { address } = await startTestTemporal();
    connection = await NativeConnection.connect({ address });
    await stack.startWorker({ toolQueue: toolQueueOf(stack.taskQueue) });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await connection.close();
  });

  const turns = () => [calling(call('send_mail', { to: 'bob', count: 2 })), answering('Sent.')];
  const queuesOf = async (id: string) =>
    ((await stack.client.workflow.getHandle(id).fetchHistory()).events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'settleToolCall' ? [scheduled.taskQueue?.name] : [],
    );

  it('worker with slots for tools → tools run there', async () => {
    const worker = await createToolWorker({
      connection,
      namespace: 'default',
      taskQueue: stack.taskQueue,
      toolSlots: 1,
      activities: createActivities(stack.dependencies),
    });
    const running = worker.run();
    const runs = await Promise.all([stack.start(turns()), stack.start(turns())]);
    for (const run of runs) {
      expect((await run.result()).output).toEqual({ type: 'inline', value: 'Sent.' });
      expect(await queuesOf(run.id)).toEqual([toolQueueOf(stack.taskQueue)]);
    }
    stopWorker(worker);
    await running;
    expect(ran).toHaveLength(2);
  });

  it('no worker has slots for tools any more → after a minute the tool runs once on the Task Queue of the run', async () => {
    const before = ran.length;
    const run = await stack.start(turns());
    expect((await run.result()).output).toEqual({ type: 'inline', value: 'Sent.' });
    expect(await queuesOf(run.id)).toEqual([toolQueueOf(stack.taskQueue), stack.taskQueue]);
    expect(ran.length).toBe(before + 1);
  });
});
