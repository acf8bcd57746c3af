import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection, type WorkerDeploymentOptions, type WorkerTuner } from '@temporalio/worker';
import { EarlyReads } from '../activities/early-reads.ts';
import { createActivities } from '../activities/index.ts';
import type { WorkerDependencies } from '../activities/context.ts';
import { encodesFailures } from '../adapters/temporal/data-converter.ts';
import { defaultDeployment, type WorkerVersion } from '../domain/deployment.ts';
import { activityLog } from './activity-log.ts';
import { runSinks } from './run-sinks.ts';
import { workflowBundle } from './workflow-bundle.ts';

export type RunWorkerOptions = {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  dependencies: WorkerDependencies;
  /** Of `createDataConverter`. @default Temporal's */
  dataConverter?: DataConverter | undefined;
  /** Most Activities at a time. @default Temporal's, 100 */
  activitySlots?: number;
  /** Most Workflow Tasks at a time. @default Temporal's, 40 */
  workflowTaskSlots?: number;
  /** Gives the slots instead, for example by the load of the machine. */
  tuner?: WorkerTuner;
  /** Runs kept in memory between their tasks. An evicted Run replays when it wakes. @default Temporal's */
  maxCachedRuns?: number;
  /**
   * Time for running tools to end after a stop, in milliseconds.
   * @default 30_000
   */
  shutdownGraceMs?: number;
  /**
   * Time after a stop at which running Activities are given up, in milliseconds.
   * @default no limit
   */
  shutdownForceMs?: number;
  /** @default no version: any worker of the Task Queue goes on with a run */
  version?: WorkerVersion | undefined;
};

/** Settings of a Worker that differ from Temporal's own. */
export const workerDefaults = {
  // A killed worker's sticky queue delays a decision by this time. Temporal's default: 10 s.
  stickyQueueScheduleToStartTimeout: '1 s',
  // A running tool learns of a cancellation with its heartbeats.
  maxHeartbeatThrottleInterval: '1 s',
  defaultHeartbeatThrottleInterval: '1 s',
  shutdownGraceTime: 30_000,
} as const;

/** A Temporal Worker with the Workflow of Runs, their Activities and the user's tools. */
export async function createRunWorker({
  connection,
  namespace,
  taskQueue,
  dependencies,
  dataConverter,
  activitySlots,
  workflowTaskSlots,
  tuner,
  maxCachedRuns,
  shutdownGraceMs = workerDefaults.shutdownGraceTime,
  shutdownForceMs,
  version,
}: RunWorkerOptions): Promise<Worker> {
  const earlyReads = new EarlyReads(dependencies);
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: await workflowBundle({ encodesFailures: encodesFailures(dataConverter) }),
    ...(version === undefined ? {} : { workerDeploymentOptions: deploymentOptions(version) }),
    ...(dataConverter === undefined ? {} : { dataConverter }),
    activities: createActivities({ ...dependencies, earlyReads }),
    sinks: runSinks((read) => earlyReads.begin(read)),
    interceptors: { activity: [activityLog] },
    identity: dependencies.worker,
    ...workerDefaults,
    shutdownGraceTime: shutdownGraceMs,
    ...(activitySlots === undefined ? {} : { maxConcurrentActivityTaskExecutions: activitySlots }),
    ...(workflowTaskSlots === undefined ? {} : { maxConcurrentWorkflowTaskExecutions: workflowTaskSlots }),
    ...(tuner && { tuner }),
    ...(shutdownForceMs === undefined ? {} : { shutdownForceTime: shutdownForceMs }),
    ...(maxCachedRuns === undefined ? {} : { maxCachedWorkflows: maxCachedRuns }),
  });
}

/** The Workflow has no versioning behaviour of its own, since a server refuses one from a worker without a version. */
function deploymentOptions({
  deployment = defaultDeployment,
  buildId,
  versioning = 'auto-upgrade',
}: WorkerVersion): WorkerDeploymentOptions {
  return {
    useWorkerVersioning: true,
    version: { deploymentName: deployment, buildId },
    defaultVersioningBehavior: versioning === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE',
  };
}
