import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.ts';
import type { RunStack } from './run-stack.ts';
import { startTestTemporal } from './temporal.ts';

/** A Worker of the stack's Activities without its Workflows: an attacker gets the Workflow tasks. */
export async function startActivityWorker(stack: RunStack): Promise<{ stop(): Promise<void> }> {
  const { address, namespace } = await startTestTemporal();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: stack.taskQueue,
    activities: createActivities(stack.dependencies),
    shutdownGraceTime: 100,
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
