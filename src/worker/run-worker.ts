import { Worker, type NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { ActivityDependencies } from '../activities/context.ts';
import { workflowBundle } from './workflow-bundle.ts';

export type RunWorkerOptions = {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  dependencies: ActivityDependencies;
  /** Runs kept in memory between their tasks; an evicted one costs nothing and replays when it wakes. Temporal's default. */
  maxCachedRuns?: number;
  /** How long running tools may go on after a stop was asked for, in milliseconds. Default 30 s. */
  shutdownGraceMs?: number;
};

/** A Temporal Worker that carries Runs: their Workflow, their Activities and the user's tools. */
export async function createRunWorker({
  connection,
  namespace,
  taskQueue,
  dependencies,
  maxCachedRuns,
  shutdownGraceMs = 30_000,
}: RunWorkerOptions): Promise<Worker> {
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: createActivities(dependencies),
    identity: dependencies.worker,
    // A killed worker's sticky queue holds a decision back for this long; Temporal's default is ten seconds.
    stickyQueueScheduleToStartTimeout: '1 s',
    // A cancellation reaches a running tool with its heartbeats.
    maxHeartbeatThrottleInterval: '1 s',
    defaultHeartbeatThrottleInterval: '1 s',
    shutdownGraceTime: shutdownGraceMs,
    ...(maxCachedRuns === undefined ? {} : { maxCachedWorkflows: maxCachedRuns }),
  });
}
