import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { runWorkerProcess, tellFirstLine, workerPlan } from '../stage/worker-process.ts';

export type FloorActivities = { firstLine(item: string): Promise<void>; empty(): Promise<void> };

/* The floor's worker as a process, with the options of Holdpoint's worker. */
const { address, namespace, taskQueue, maxCachedRuns } = workerPlan();
await runWorkerProcess(async () => {
  const activities: FloorActivities = {
    firstLine: async (item) => tellFirstLine(item),
    empty: async () => {},
  };
  return await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./floor-workflow.ts', import.meta.url)),
    activities,
    stickyQueueScheduleToStartTimeout: '1 s',
    ...(maxCachedRuns === undefined ? {} : { maxCachedWorkflows: maxCachedRuns }),
  });
});
