import { hostname } from 'node:os';
import { hostedCheqpointUrl } from '@holdpoint/cheqpoint';
import type { Dependency } from '@holdpoint/process';
import type { Client, ConnectionLike } from '@temporalio/client';
import type { WorkerDependencies } from '../activities/context.ts';
import { openDatabase } from '../adapters/database/open-database.ts';
import { databaseDependency, reviewDependency } from '../adapters/dependencies.ts';
import type { SurfaceLog } from '../adapters/openai/surface-log.ts';
import { createSurfaces } from '../adapters/openai/surfaces.ts';
import { createRuns } from '../adapters/temporal/create-runs.ts';
import { ensureReconcileSchedule } from '../adapters/temporal/reconcile-schedule.ts';
import { registerSearchAttributes } from '../adapters/temporal/search-attributes.ts';
import { checkServerVersion } from '../adapters/temporal/server-version.ts';
import { runInUi } from '../adapters/temporal/ui-links.ts';
import { createWaitingRuns } from '../adapters/temporal/waiting-runs.ts';
import { createCallbackTokens } from '../signing/callback-token.ts';
import { Envelopes } from '../signing/envelope.ts';
import type { HoldpointOptions } from './holdpoint-options.ts';
import { toolQueueOf } from './tool-worker.ts';
import { publishAssistants } from './publish-assistants.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export type Opening = {
  options: HoldpointOptions;
  client: Client;
  taskQueue: string;
  review: WorkerDependencies['review'];
  log: SurfaceLog;
  wait: { longestMs: number; onProgress: (line: string) => void };
};

export type OpenDependencies = {
  dependencies: WorkerDependencies;
  /** For `/readyz`. */
  readiness: Dependency[];
  /** Publishes the worker's assistants to the gateway, until the end of `close`. */
  publish(): Promise<void>;
  close(): Promise<void>;
};

/** Opens Holdpoint's database and all that the Activities of one Task Queue need. */
export async function openDependencies({
  options,
  client,
  taskQueue,
  review,
  log,
  wait,
}: Opening): Promise<OpenDependencies> {
  const { publicUrl, temporalUiUrl, secrets } = options;
  const { namespace } = client.options;
  const config = { ...options.config, taskQueue };
  const database = await openDatabase(options.databaseUrl, wait);
  const queue = { namespace, taskQueue };
  const callbackTokens = createCallbackTokens({ namespace, secrets });
  let publishing: Awaited<ReturnType<typeof publishAssistants>> | undefined;
  return {
    dependencies: {
      ...database,
      config,
      surface: createSurfaces({
        ...options.openai,
        transcripts: database.transcripts,
        log,
        findHints: (responseIds) => database.webhookHints.arrived(responseIds),
      }),
      review,
      runs: createRuns(client),
      waitingRuns: createWaitingRuns(client, taskQueue),
      published: {
        live: () => database.assistantRegistry.live(queue, Date.now()),
        everHad: (name) => database.assistantRegistry.wasPublished(queue, name),
      },
      envelopes: new Envelopes(secrets),
      callbackUrl: (request) =>
        publicUrl && `${publicUrl.replace(/\/+$/, '')}/callbacks/cheqpoint/${callbackTokens.make(request)}`,
      workflowUrl: (workflowId, runId) => temporalUiUrl && runInUi(temporalUiUrl, namespace, { workflowId, runId }),
      traceContent: options.traceContent ?? false,
      ...(options.metrics && { meter: createWorkerMetrics(options.metrics, config) }),
      ...(options.toolSlots !== undefined && { toolQueue: toolQueueOf(taskQueue) }),
      worker: `${process.pid}@${hostname()}`,
      now: Date.now,
    },
    readiness: [databaseDependency(database), reviewDependency(options.cheqpoint.baseUrl ?? hostedCheqpointUrl)],
    async publish() {
      publishing = await publishAssistants({
        registry: database.assistantRegistry,
        queue,
        assistants: config.assistants.map(({ name }) => name),
        // Hosted Cheqpoint has no idempotency keys.
        localRequests: (options.cheqpoint.baseUrl ?? hostedCheqpointUrl) !== hostedCheqpointUrl,
        onFailure: (error) => log.warn({ err: error }, 'The assistants could not be published to the gateway.'),
      });
    },
    async close() {
      await publishing?.stop();
      await database.close();
    },
  };
}

/** Checks the Temporal server and creates what is missing there. */
export async function prepareServer(connection: ConnectionLike, namespace: string): Promise<void> {
  await checkServerVersion(connection);
  await registerSearchAttributes(connection, namespace);
}

/** Creates or updates the reconcile Schedule of a Task Queue. */
export async function prepareSchedule(
  client: Client,
  taskQueue: string,
  { publicUrl }: Pick<HoldpointOptions, 'publicUrl'>,
): Promise<void> {
  await ensureReconcileSchedule(client, { taskQueue, everything: publicUrl === undefined });
}
