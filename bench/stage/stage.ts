import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createCallbackTokens } from '../../src/signing/callback-token.ts';
import { withImageSettings } from './image-settings.ts';
import { environmentWithoutOurs, machinePaths, type Environment } from '../../src/config/environment.ts';
import { findTemporalCli } from '../../src/embedded/temporal-cli.ts';
import { startTemporalServer } from '../../src/embedded/temporal-server.ts';
import { startCallbackRelay, type CallbackRelay } from './callback-relay.ts';
import { Moments } from './moments.ts';
import type { HoldpointWorkerPlan } from './holdpoint-worker.ts';
import { startModelServer } from './model-server.ts';
import { stopRounds } from './rounds.ts';
import { leaveNothingBehind } from './leave-nothing-behind.ts';
import { signIn, type Reviewer } from './reviewer.ts';
import { startService, type Service } from './service.ts';
import { startBenchWorker, type BenchWorker } from './start-worker.ts';
import { sqliteUrl } from '@holdpoint/database/url';
import { startPostgres } from '../../test/support/postgres.ts';

/** The servers and processes that the figures need. */
export type Stage = {
  client: Client;
  /** Where Holdpoint's own databases are. */
  databases: 'sqlite' | 'postgres';
  /** URL of the review server's database. */
  reviewDatabase: string;
  /** True for a server that was started for this benchmark, in memory. */
  isEmbedded: boolean;
  /** Folder for state and logs. */
  folder: string;
  /** Times at which the first line of each tool or Activity ran. */
  firstLines: Moments;
  gateway: Service;
  reviewServer: Service;
  reviewer: Reviewer;
  /** Address and keys of the review server, for peers. */
  review: { url: string; connectionKey: string; reviewer: string; password: string };
  /** The environment of every process that the benchmark starts. */
  environment: Record<string, string>;
  relay: CallbackRelay;
  /** Starts another review server with its own database and a signed-in reviewer. */
  startReviewServer(databaseUrl: string): Promise<{ server: Service; reviewer: Reviewer }>;
  startFloor(options?: { maxCachedRuns?: number; taskQueue?: string }): Promise<BenchWorker>;
  /**
   * Starts a Holdpoint worker on a new Task Queue, or on that of an earlier worker. `callbacks` go to the gateway, or the
   * relay holds them until the benchmark passes them on. There are no reconcile rounds then.
   */
  startHoldpoint(options: {
    callbacks: 'gateway' | 'held';
    taskQueue?: string;
    maxCachedRuns?: number;
    actsFile?: string;
  }): Promise<BenchWorker>;
  /** Ends all processes and open runs. */
  stop(): Promise<void>;
};

export type StageOptions = {
  folder: string;
  environment: Environment;
  /** @default an embedded server in memory */
  temporal: string | undefined;
  /** Holdpoint's own databases on a PostgreSQL server of the benchmark. @default SQLite files */
  postgres?: boolean;
  log: (line: string) => void;
};

const namespace = 'default';
const reviewerName = 'rita';

/** Starts Temporal (unless given), the review server, the gateway and a model, as processes as in production. */
export async function openStage({
  folder,
  environment,
  temporal,
  postgres = false,
  log,
}: StageOptions): Promise<Stage> {
  const endings: Array<() => Promise<void> | void> = [];
  const stop = async (): Promise<void> => {
    for (const ending of endings.splice(0).toReversed()) await ending();
  };
  try {
    return await open();
  } catch (error) {
    await stop();
    throw error;
  }

  async function open(): Promise<Stage> {
    const plain = withImageSettings(environmentWithoutOurs(environment), environment);
    const address = temporal ?? (await startEmbedded());
    const connection = await Connection.connect({ address });
    endings.push(() => connection.close());
    const client = new Client({ connection, namespace });
    const taskQueues = new Set<string>();
    // An embedded server takes its runs with it.
    if (temporal !== undefined) endings.push(() => leaveNothingBehind(client, taskQueues));
    const [secret, connectionKey, password] = [0, 0, 0].map(() => randomBytes(24).toString('hex')) as [
      string,
      string,
      string,
    ];
    const [reviewDatabase, ownDatabase] = postgres
      ? await startDatabases()
      : ([sqliteUrl(join(folder, 'review.db')), sqliteUrl(join(folder, 'holdpoint.db'))] as const);
    const start = async (
      name: 'gateway' | 'review-server',
      listenName: string,
      own: Record<string, string>,
    ): Promise<Service> => {
      const onLine = (line: string) => appendFileSync(join(folder, `${name}.log`), `${line}\n`);
      // Ignore the user's Temporal config file.
      const shared = { TEMPORAL_ADDRESS: address, TEMPORAL_CONFIG_FILE: join(folder, 'no-temporal.toml') };
      const service = await startService({ name, listenName, environment: { ...plain, ...shared, ...own }, onLine });
      endings.push(() => service.stop());
      return service;
    };
    const startReviewServer = (databaseUrl: string): Promise<Service> =>
      start('review-server', 'HOLDPOINT_REVIEW_LISTEN', {
        HOLDPOINT_REVIEW_DATABASE_URL: databaseUrl,
        HOLDPOINT_REVIEW_CONNECTION_KEYS: `bench=${connectionKey}`,
        HOLDPOINT_REVIEW_SESSION_SECRET: secret,
        HOLDPOINT_REVIEW_CALLBACK_HOSTS: 'any',
        HOLDPOINT_REVIEWER_NAME: reviewerName,
        HOLDPOINT_REVIEWER_PASSWORD: password,
      });
    const reviewServer = await startReviewServer(reviewDatabase);
    const gateway = await start('gateway', 'HOLDPOINT_GATEWAY_LISTEN', {
      HOLDPOINT_API_KEY: secret,
      HOLDPOINT_SECRET: secret,
      HOLDPOINT_DATABASE_URL: ownDatabase,
    });
    const relay = await startCallbackRelay(createCallbackTokens({ namespace, secrets: [secret] }));
    const model = await startModelServer();
    endings.push(
      () => relay.close(),
      () => model.close(),
    );

    const firstLines = new Moments('The first line of a tool, or of what asks for its approval,');
    const startWorker = async (
      kind: 'floor' | 'holdpoint',
      plan: HoldpointWorkerPlan | { taskQueue: string; address: string; namespace: string },
    ): Promise<BenchWorker> => {
      const worker = await startBenchWorker({
        kind,
        plan,
        environment: plain,
        logFile: join(folder, `${kind}-worker.log`),
        firstLines,
      });
      endings.push(() => worker.stop());
      return worker;
    };
    return {
      client,
      databases: postgres ? 'postgres' : 'sqlite',
      reviewDatabase,
      isEmbedded: temporal === undefined,
      folder,
      firstLines,
      gateway,
      reviewServer,
      relay,
      stop,
      environment: plain,
      async startReviewServer(databaseUrl) {
        const server = await startReviewServer(databaseUrl);
        return { server, reviewer: await signIn(server.url, reviewerName, password) };
      },
      review: { url: reviewServer.url, connectionKey, reviewer: reviewerName, password },
      reviewer: await signIn(reviewServer.url, reviewerName, password),
      startFloor({ taskQueue = `bench-floor-${randomUUID()}`, ...options } = {}) {
        taskQueues.add(taskQueue);
        return startWorker('floor', { address, namespace, taskQueue, ...options });
      },
      async startHoldpoint({ callbacks, taskQueue = `bench-holdpoint-${randomUUID()}`, ...options }) {
        taskQueues.add(taskQueue);
        const worker = await startWorker('holdpoint', {
          address,
          namespace,
          taskQueue,
          secret,
          connectionKey,
          reviewUrl: reviewServer.url,
          databaseUrl: ownDatabase,
          modelUrl: model.url,
          publicUrl: callbacks === 'gateway' ? gateway.url : relay.url,
          ...options,
        });
        if (callbacks === 'held') await stopRounds(client, taskQueue);
        return worker;
      },
    };
  }

  /** Commits wait for the disk, as in production. */
  async function startDatabases(): Promise<readonly [review: string, own: string]> {
    const server = await startPostgres({ waitsForDisk: true });
    if (server === undefined) throw new Error('PostgreSQL is not installed: install its server programs.');
    endings.push(() => server.stop());
    return [await server.createDatabase(), await server.createDatabase()];
  }

  async function startEmbedded(): Promise<string> {
    const program = await findTemporalCli({
      override: environment['HOLDPOINT_TEMPORAL_CLI'],
      ...machinePaths(environment),
      environment,
      log,
    });
    const server = await startTemporalServer({
      program,
      log: (line) => appendFileSync(join(folder, 'temporal.log'), `${line}\n`),
    });
    endings.push(() => server.stop());
    return server.address;
  }
}
