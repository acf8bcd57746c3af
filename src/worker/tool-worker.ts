import { Worker, type NativeConnection } from '@temporalio/worker';
import type { createActivities } from '../activities/index.ts';
import { activityLog } from './activity-log.ts';
import { workerDefaults } from './run-worker.ts';

/** The Task Queue on which a Worker with slots for tools apart runs them. */
export function toolQueueOf(taskQueue: string): string {
  return `${taskQueue}-tools`;
}

export type ToolWorkerOptions = {
  connection: NativeConnection;
  namespace: string;
  /** The Task Queue of the runs. */
  taskQueue: string;
  activities: Pick<ReturnType<typeof createActivities>, 'settleToolCall'>;
  /** Most tools at a time. */
  toolSlots: number;
  shutdownGraceMs?: number | undefined;
  /** The data converter of the runs. */
  dataConverter?: NonNullable<Parameters<typeof Worker.create>[0]['dataConverter']> | undefined;
};

/** A second Worker of the process that runs tools only, so that they and the turns take no slots from each other. */
export async function createToolWorker({
  connection,
  namespace,
  taskQueue,
  activities: { settleToolCall },
  toolSlots,
  shutdownGraceMs = workerDefaults.shutdownGraceTime,
  dataConverter,
}: ToolWorkerOptions): Promise<Worker> {
  return await Worker.create({
    ...workerDefaults,
    connection,
    namespace,
    taskQueue: toolQueueOf(taskQueue),
    activities: { settleToolCall },
    interceptors: { activity: [activityLog] },
    maxConcurrentActivityTaskExecutions: toolSlots,
    shutdownGraceTime: shutdownGraceMs,
    ...(dataConverter && { dataConverter }),
  });
}

/** Runs the tool worker as long as `run` runs. `stop` is called when the tool worker fails, and its failure is thrown. */
export async function besideToolWorker(
  tools: Worker | undefined,
  run: () => Promise<void>,
  stop: () => void,
): Promise<void> {
  if (!tools) return await run();
  const ended = tools.run();
  ended.catch(stop);
  try {
    await run();
  } finally {
    stopWorker(tools);
    await ended;
  }
}

/** Stops a Worker that has not stopped. */
export function stopWorker(worker: Worker): void {
  if (worker.getState() === 'RUNNING' || worker.getState() === 'INITIALIZED') worker.shutdown();
}
