import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.ts';
import { workflowBundle } from '../../src/worker/workflow-bundle.ts';
import type { RunStack } from '../support/run-stack.ts';
import { startTestTemporal } from '../support/temporal.ts';

export type HastyWorker = { restart(): Promise<void>; stop(): Promise<void> };
type Activity = (input: never) => Promise<unknown>;

/** The product's Workflow and Activities in a worker whose attempts follow each other at once, where the product's wait a second. */
export async function startHastyWorker({
  taskQueue,
  dependencies,
}: Pick<RunStack, 'taskQueue' | 'dependencies'>): Promise<HastyWorker> {
  const { address, namespace } = await startTestTemporal();
  const connection = await NativeConnection.connect({ address });
  const activities = Object.fromEntries(
    Object.entries(createActivities(dependencies) as { [name: string]: Activity }).map(([name, activity]) => [
      name,
      hasty(activity),
    ]),
  );
  const start = async (): Promise<{ worker: Worker; running: Promise<void> }> => {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities,
      stickyQueueScheduleToStartTimeout: '1 s',
      shutdownGraceTime: 100,
    });
    return { worker, running: worker.run() };
  };
  let current = await start();
  const end = async (): Promise<void> => {
    current.worker.shutdown();
    await current.running;
  };
  return {
    async restart() {
      await end();
      current = await start();
    },
    async stop() {
      await end();
      await connection.close();
    },
  };
}

function hasty(activity: Activity): Activity {
  return async (input) => {
    try {
      return await activity(input);
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable) throw error;
      throw ApplicationFailure.create({
        message: error.message,
        ...(error.type ? { type: error.type } : {}),
        nextRetryDelay: 10,
      });
    }
  };
}
