import { Client, type ConnectionOptions } from '@temporalio/client';
import { NativeConnection, type WorkerTuner } from '@temporalio/worker';
import { createReadiness, type Readiness } from '@holdpoint/process';
import { createActivities } from '../activities/index.ts';
import { watchReviewClock } from '../adapters/review-clock.ts';
import { renewedConnection } from '../adapters/temporal/renewed-connection.ts';
import { createDataConverter } from '../adapters/temporal/data-converter.ts';
import { connected, whenServing } from '../adapters/temporal/unreachable.ts';
import { watchUnreadablePayloads } from '../adapters/temporal/unreadable-payloads.ts';
import type { WorkerVersion } from '../domain/deployment.ts';
import { payloadKeyProblems, type PayloadEncryption } from '../schemas/payload-keys.ts';
import {
  checkHoldpointOptions,
  defaultStartWaitMs,
  refuseBadSlots,
  refuseUnknownGroups,
  reviewServices,
  runtimeLog,
  type HoldpointOptions,
} from './holdpoint-options.ts';
import { openDependencies, prepareSchedule, prepareServer } from './open-dependencies.ts';
import { createRunWorker } from './run-worker.ts';
import { watchStalledRuns } from './watch-stalled-runs.ts';
import { besideToolWorker, createToolWorker, stopWorker } from './tool-worker.ts';

export type WorkerOptions = HoldpointOptions & {
  /**
   * Temporal's address, with TLS and an API key where it needs them.
   * @default { address: 'localhost:7233' }
   */
  connection?: { address: string; tls?: NonNullable<ConnectionOptions['tls']>; apiKey?: string };
  /**
   * Temporal's namespace.
   * @default 'default'
   */
  namespace?: string;
  /**
   * Encrypts what Temporal stores of the runs. The gateway, other workers and replays need the same keys.
   * @default values are stored in clear
   */
  encryption?: PayloadEncryption;
  /**
   * The build of this worker in Temporal's Worker Deployments. It takes no run before it is promoted.
   * @default none: any worker of the Task Queue goes on with a run
   */
  version?: WorkerVersion;
  /** Most Activities at a time: turns, requests, and tools without `toolSlots`. @default 100 */
  activitySlots?: number;
  /** Most Workflow Tasks at a time. @default 40 */
  workflowTaskSlots?: number;
  /** Temporal's tuner, instead of `activitySlots` and `workflowTaskSlots`. */
  tuner?: WorkerTuner;
  /** Runs kept in memory between their tasks. @default Temporal's, from the heap size */
  maxCachedRuns?: number;
  /**
   * Time for running tools to end after `shutdown()`, in milliseconds.
   * @default 30_000
   */
  shutdownGraceMs?: number;
};

export type HoldpointWorker = {
  taskQueue: string;
  /** Asks Temporal, the database and the review service, each for 2.5 seconds at most. */
  readiness(): Promise<Readiness>;
  /** Runs until `shutdown()`. Rejects when the worker fails. */
  run(): Promise<void>;
  /** Stops taking work and lets running tools end. Then `run()` resolves. Safe to call twice. */
  shutdown(): void;
};

/**
 * Creates a Temporal Worker for Runs, alone in a process or beside your own Worker. Runs are started by the client, the
 * gateway, or as child Workflows by `holdpoint/workflow`.
 * @throws Error when Temporal or the database can't be reached, when the Temporal server is older than 1.28, or when an
 * option is missing. The message names the cause.
 * @example
 * const worker = await createWorker({ config, databaseUrl: 'sqlite:///var/lib/holdpoint.db', secrets: [secret], openai: { apiKey }, cheqpoint: { connectionKey } });
 * await worker.run();
 */
export async function createWorker(options: WorkerOptions): Promise<HoldpointWorker> {
  checkHoldpointOptions('createWorker', options, [
    'connection',
    'namespace',
    'encryption',
    'version',
    'activitySlots',
    'workflowTaskSlots',
    'tuner',
    'maxCachedRuns',
    'shutdownGraceMs',
  ]);
  const { namespace = 'default', config, activitySlots, workflowTaskSlots, tuner, toolSlots } = options;
  refuseBadSlots('createWorker', { activitySlots, workflowTaskSlots });
  if (tuner && (activitySlots ?? workflowTaskSlots) !== undefined)
    throw new TypeError('createWorker: tuner gives the slots. Leave out activitySlots and workflowTaskSlots.');
  refuseWeakKeys(options.encryption);
  const { taskQueue } = config;
  const log = options.log ?? runtimeLog();
  const unreadable = watchUnreadablePayloads((fields, line) => log.warn(fields, line));
  const dataConverter = createDataConverter({
    namespace,
    encryption: options.encryption,
    onUnreadable: unreadable.onUnreadable,
  });
  const address = options.connection?.address ?? 'localhost:7233';
  const wait = {
    longestMs: options.startWaitMs ?? defaultStartWaitMs,
    onProgress: (line: string) => log.warn({}, line),
  };
  const review = reviewServices(
    options,
    watchReviewClock((warning) => log.warn({}, warning)),
  );
  for (const assistant of config.assistants) review(assistant);
  const warnsOfGroups = options.unknownGroups === 'warn';
  if (!warnsOfGroups) await refuseUnknownGroups(options, log);
  const opened: Array<() => Promise<void>> = [];
  const close = async (): Promise<void> => void (await Promise.allSettled(opened.map((end) => end())));

  try {
    const native = await connected(address, () => NativeConnection.connect(options.connection), wait);
    opened.push(() => native.close());
    // `holdpoint dev` starts the review server beside this worker. Temporal takes longer to be there.
    if (warnsOfGroups) await refuseUnknownGroups(options, log);
    const connection = await connected(address, () => renewedConnection().connect(options.connection), wait);
    opened.push(() => connection.close());
    const client = new Client({ connection, namespace, dataConverter });
    const open = await openDependencies({ options, client, taskQueue, review, log, wait });
    opened.push(() => open.close());
    // A server that begins to listen may refuse its first calls.
    const firstCalls = async () => {
      await prepareServer(connection, namespace);
      await prepareSchedule(client, taskQueue, options);
    };
    await whenServing(address, firstCalls, wait);
    const { maxCachedRuns, shutdownGraceMs } = options;
    const worker = await createRunWorker({
      connection: native,
      namespace,
      taskQueue,
      dependencies: open.dependencies,
      dataConverter,
      version: options.version,
      ...(activitySlots === undefined ? {} : { activitySlots }),
      ...(workflowTaskSlots === undefined ? {} : { workflowTaskSlots }),
      ...(tuner && { tuner }),
      ...(maxCachedRuns === undefined ? {} : { maxCachedRuns }),
      ...(shutdownGraceMs === undefined ? {} : { shutdownGraceMs }),
    });
    const tools =
      toolSlots === undefined
        ? undefined
        : await createToolWorker({
            connection: native,
            namespace,
            taskQueue,
            toolSlots,
            activities: createActivities(open.dependencies),
            shutdownGraceMs,
            dataConverter,
          });
    await open.publish();
    const readiness = createReadiness(
      [
        {
          name: 'Temporal',
          setting: 'TEMPORAL_ADDRESS',
          ask: () => client.withDeadline(Date.now() + 2_000, () => client.workflowService.getSystemInfo({})),
        },
        ...open.readiness,
        unreadable.dependency,
      ],
      ({ name }, error) => log.warn({ err: error }, `not ready: ${name}`),
    );
    return {
      taskQueue,
      readiness,
      async run() {
        const watch = options.version && watchStalledRuns(client, { taskQueue, version: options.version, log });
        try {
          await besideToolWorker(
            tools,
            () => worker.run(),
            () => stopWorker(worker),
          );
        } finally {
          await watch?.stop();
          await close();
        }
      },
      shutdown() {
        for (const each of [worker, tools]) if (each) stopWorker(each);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function refuseWeakKeys(encryption: PayloadEncryption | undefined): void {
  const problems = encryption === undefined ? [] : payloadKeyProblems(encryption);
  if (problems.length > 0)
    throw new TypeError(`createWorker: encryption.keys (HOLDPOINT_PAYLOAD_KEYS) ${problems.join('; ')}.`);
}
