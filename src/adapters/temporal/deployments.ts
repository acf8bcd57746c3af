import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';
import { defaultDeployment } from '../../domain/deployment.ts';

/** A version of the workers, by its build id. */
export type DeploymentVersion = {
  buildId: string;
  /** True for the version of new runs. */
  current: boolean;
  /** True if a worker of the version polls for Workflow tasks. */
  hasWorker: boolean;
  /** Open runs whose last task a worker of the version took. */
  openRuns: number;
  /** Open runs that only a worker of the version may go on with. */
  pinnedRuns: number;
};

export type Deployment = { name: string; current: string | null; versions: DeploymentVersion[] };

type Named = { name?: string; taskQueue: string };

/** Temporal names a poller for minutes after it has gone. A poll lasts a minute. */
const polledWithinMs = 90_000;
const retryEveryMs = 200;
const deadlineMs = 10_000;

const notFound = 5;
const failedPrecondition = 9;
/** TASK_QUEUE_TYPE_WORKFLOW of Temporal's API. Its package of enums is none that users install. */
const workflowTasks = 1 as never;

/** The versions of the workers, the newest first. Undefined if no worker with a build id has ever polled. */
export async function readDeployment(
  client: Client,
  { name = defaultDeployment, taskQueue }: Named,
  { now = Date.now(), seenWithinMs = polledWithinMs } = {},
): Promise<Deployment | undefined> {
  const { namespace } = client.options;
  return await client.withDeadline(Date.now() + deadlineMs, async () => {
    const described = await client.workflowService
      .describeWorkerDeployment({ namespace, deploymentName: name })
      .catch(undefinedIfNotFound);
    const info = described?.workerDeploymentInfo;
    if (info == null) return undefined;
    const polling = await pollingBuilds(client, { name, taskQueue, since: now - seenWithinMs });
    const current = info.routingConfig?.currentDeploymentVersion?.buildId || null;
    const newest = (info.versionSummaries ?? []).toSorted(
      (one, other) => secondsOf(other.createTime) - secondsOf(one.createTime),
    );
    const versions = newest.map(async ({ deploymentVersion }): Promise<DeploymentVersion> => {
      const buildId = deploymentVersion?.buildId ?? '';
      const [open, pinned] = await Promise.all([
        client.workflow.count(runsOf(name, buildId)),
        client.workflow.count(pinnedTo(name, buildId)),
      ]);
      return {
        buildId,
        current: buildId === current,
        hasWorker: polling.has(buildId),
        openRuns: open.count,
        pinnedRuns: pinned.count,
      };
    });
    return { name, current, versions: await Promise.all(versions) };
  });
}

/** The versions with pinned runs that no worker can go on with: they wait, without an error, for a worker of theirs. */
export const stalled = ({ versions }: Deployment): DeploymentVersion[] =>
  versions.filter(({ hasWorker, pinnedRuns }) => !hasWorker && pinnedRuns > 0);

/** The sentence of an alarm, with the two remedies. */
export function stalledText({ buildId, pinnedRuns }: Pick<DeploymentVersion, 'buildId' | 'pinnedRuns'>): string {
  return `${pinnedRuns} pinned runs of the build ${buildId} have no worker, so their decisions wait. Start a worker with HOLDPOINT_BUILD_ID=${buildId}, or: holdpoint deployment move ${buildId}`;
}

/**
 * Makes a build the version of new runs, and of the waiting runs that upgrade. It waits until a worker of the build polls
 * all Task Queues.
 * @throws Error after `patienceMs`, with the server's reason.
 */
export async function promoteBuild(
  client: Client,
  { name = defaultDeployment, buildId, patienceMs }: { name?: string; buildId: string; patienceMs: number },
): Promise<void> {
  const { namespace } = client.options;
  const until = Date.now() + patienceMs;
  for (;;)
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName: name, buildId });
      return;
    } catch (error) {
      const { code, details } = codeOf(error);
      if (code !== notFound && code !== failedPrecondition) throw error;
      if (Date.now() > until)
        throw new Error(
          `The build "${buildId}" can't be promoted: ${details}. Start a worker with HOLDPOINT_BUILD_ID=${buildId}, on each Task Queue that the build before has.`,
          { cause: error },
        );
      await pause(retryEveryMs);
    }
}

/**
 * Moves the pinned runs of a build to the current one. Each goes on there with its next task. Their histories must replay
 * with its Workflow code. Yields the id of each moved run.
 */
export async function* movePinnedRuns(
  client: Client,
  { name = defaultDeployment, from }: { name?: string; from: string },
): AsyncGenerator<string> {
  const { namespace } = client.options;
  for await (const { workflowId, runId } of client.workflow.list({ query: pinnedTo(name, from) })) {
    await client.workflowService
      .updateWorkflowExecutionOptions({
        namespace,
        workflowExecution: { workflowId, runId },
        workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
        updateMask: { paths: ['versioning_override'] },
      })
      .catch(undefinedIfNotFound);
    yield workflowId;
  }
}

const runsOf = (name: string, buildId: string) =>
  `TemporalWorkerDeploymentVersion = '${name}:${buildId}' AND ExecutionStatus = 'Running'`;
const pinnedTo = (name: string, buildId: string) =>
  `${runsOf(name, buildId)} AND TemporalWorkflowVersioningBehavior = 'Pinned'`;

/** The builds whose workers polled since then. */
async function pollingBuilds(
  client: Client,
  { name, taskQueue, since }: { name: string; taskQueue: string; since: number },
): Promise<Set<string>> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  });
  return new Set(
    (pollers ?? []).flatMap(({ deploymentOptions, lastAccessTime }) =>
      deploymentOptions?.deploymentName === name &&
      deploymentOptions.buildId &&
      secondsOf(lastAccessTime) * 1000 >= since
        ? [deploymentOptions.buildId]
        : [],
    ),
  );
}

const secondsOf = (time: { seconds?: unknown } | null | undefined): number => Number(time?.seconds ?? 0);

function undefinedIfNotFound(error: unknown): undefined {
  if (codeOf(error).code === notFound) return undefined;
  throw error;
}

function codeOf(error: unknown): { code: number | undefined; details: string } {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause)
    ? { code: cause.code, details: cause.details }
    : { code: undefined, details: String(error) };
}
