import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../src/activities/index.ts';
import { reconcileWorkflowType } from '../../src/domain/wire-names.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([], { worker: false });
});
afterAll(() => stack.stop());

/** A worker with the Workflow code of the version before. */
async function startPreviousWorker() {
  const { address, namespace } = await startTestTemporal();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: stack.taskQueue,
    workflowsPath: fileURLToPath(new URL('../support/previous-workflows.ts', import.meta.url)),
    activities: createActivities(stack.dependencies),
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
}

const start = (workflowId: string) =>
  stack.client.workflow.start(reconcileWorkflowType, {
    args: [{ everything: true, everyMs: 500 }],
    taskQueue: stack.taskQueue,
    workflowId,
  });
const count = (events: readonly string[], name: string) =>
  events.filter((event) => event === `EVENT_TYPE_${name}`).length;

describe('an hour of reconcile rounds in a rolling deploy', () => {
  it('a worker of the previous version takes a task of it → the task fails, the next worker continues it', async () => {
    const present = await stack.startWorker();
    const hour = await start('hour-of-two-versions');
    const events = () => stack.attach(hour.workflowId).events();
    await until('a round is made', async () => count(await events(), 'TIMER_STARTED') > 0);
    await present.stop();
    const stopPrevious = await startPreviousWorker();
    await until('it took a task', async () => count(await events(), 'WORKFLOW_TASK_FAILED') > 0);
    await stack.startWorker();
    const rounds = count(await events(), 'ACTIVITY_TASK_COMPLETED');
    await stopPrevious();
    await until('two more rounds', async () => count(await events(), 'ACTIVITY_TASK_COMPLETED') >= rounds + 2);
    expect(count(await events(), 'WORKFLOW_TASK_FAILED')).toBe(1);
    await hour.terminate();
    await stack.stopWorkers();
  });

  it('a worker of the previous version takes the first task → one round, then the Schedule starts the next', async () => {
    const stopPrevious = await startPreviousWorker();
    const hour = await start('hour-of-the-previous-version');
    expect(await hour.result()).toMatchObject({ lookedUntil: expect.anything() });
    await stopPrevious();
  });
});
