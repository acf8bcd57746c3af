import { hostname } from 'node:os';
import { Client, type ConnectionOptions } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import { Envelopes } from '../signing/envelope.ts';
import type { WorkerDependencies } from '../activities/context.ts';
import { createCallbackTokens } from '../signing/callback-token.ts';
import { createReviewService, hostedCheqpointUrl, ReviewFailure } from '@holdpoint/cheqpoint';
import { createReadiness, scopeHeaders, type Readiness } from '@holdpoint/process';
import { databaseDependency, reviewDependency } from '../adapters/dependencies.ts';
import { watchReviewClock } from '../adapters/review-clock.ts';
import { openDatabase } from '../adapters/database/open-database.ts';
import type { SurfaceLog } from '../adapters/openai/surface-log.ts';
import { createSurfaces } from '../adapters/openai/surfaces.ts';
import { createDataConverter } from '../adapters/temporal/data-converter.ts';
import { renewedConnection } from '../adapters/temporal/renewed-connection.ts';
import { ensureReconcileSchedule } from '../adapters/temporal/reconcile-schedule.ts';
import { registerSearchAttributes } from '../adapters/temporal/search-attributes.ts';
import { connected, whenServing } from '../adapters/temporal/unreachable.ts';
import { createRuns } from '../adapters/temporal/create-runs.ts';
import { checkServerVersion } from '../adapters/temporal/server-version.ts';
import { watchUnreadablePayloads } from '../adapters/temporal/unreadable-payloads.ts';
import { createWaitingRuns } from '../adapters/temporal/waiting-runs.ts';
import { noAssistant } from '../domain/standalone-approval.ts';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { checkOptions } from '../assistant/invalid-definition.ts';
import { hasUserInfo } from '../schemas/has-user-info.ts';
import { payloadKeyProblems, type PayloadEncryption } from '../schemas/payload-keys.ts';
import { checkReviewGroups } from './check-review-groups.ts';
import { publishAssistants } from './publish-assistants.ts';
import { createRunWorker } from './run-worker.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export type WorkerOptions = {
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
  /** The result of `defineConfig`. The worker polls its Task Queue. */
  config: HoldpointConfig;
  /** Holdpoint's database: `postgres://user:password@host/database`, or `sqlite:///absolute/path` on one machine. */
  databaseUrl: string;
  /**
   * Secrets that bind approvals to calls (HMAC), each of 32 or more characters. The first signs, all verify: keep an
   * old secret as long as approvals signed with it wait. The gateway needs the same secrets.
   */
  secrets: readonly string[];
  /**
   * Encrypts what Temporal stores of the runs. The gateway, other workers and replays need the same keys.
   * @default values are stored in clear
   */
  encryption?: PayloadEncryption;
  /** `silenceMs`: longest silence of a streamed answer, and of a call of the Assistants API. @default 180_000 */
  openai: { apiKey: string; baseURL?: string; silenceMs?: number };
  /**
   * Connection Key of assistants without their own. `baseUrl` defaults to hosted Cheqpoint, `https://app.cheqpoint.co`.
   */
  cheqpoint: { connectionKey?: string; baseUrl?: string };
  /** The gateway's address as Cheqpoint reaches it, for callbacks. Without it, decisions are polled every 5 seconds. */
  publicUrl?: string;
  /** Address of Temporal's Web UI, for links in review requests. @default no links */
  temporalUiUrl?: string;
  /** Logs differences between a model server and OpenAI, for example with pino. @default Temporal's logger */
  log?: SurfaceLog;
  /** Runs kept in memory between their tasks. @default Temporal's, from the heap size */
  maxCachedRuns?: number;
  /**
   * Time for running tools to end after `shutdown()`, in milliseconds.
   * @default 30_000
   */
  shutdownGraceMs?: number;
  /**
   * Longest wait for Temporal and for the database when they are away at the start, in milliseconds, each.
   * @default 10_000
   */
  startWaitMs?: number;
  /**
   * Whether a group in `review.by` or `reviewBy` that the review server does not know stops the start, or is logged.
   * Its requests go to the administrators.
   * @default 'refuse'
   */
  unknownGroups?: 'refuse' | 'warn';
  /** Registry of prom-client for the worker's metrics. One worker for each registry. @default no metrics */
  metrics?: Registry;
  /** OpenTelemetry spans of tools have their arguments and results. @default false */
  traceContent?: boolean;
};

const defaultStartWaitMs = 10_000;

const knownOptions = [
  'connection',
  'namespace',
  'config',
  'databaseUrl',
  'secrets',
  'encryption',
  'openai',
  'cheqpoint',
  'publicUrl',
  'temporalUiUrl',
  'log',
  'maxCachedRuns',
  'shutdownGraceMs',
  'startWaitMs',
  'unknownGroups',
  'metrics',
  'traceContent',
];

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
 * gateway, or as child Workflows of type `holdpointRun`.
 * @throws Error when Temporal or the database can't be reached, when the Temporal server is older than 1.28, or when an
 * option is missing. The message names the cause.
 * @example
 * const worker = await createWorker({ config, databaseUrl: 'sqlite:///var/lib/holdpoint.db', secrets: [secret], openai: { apiKey }, cheqpoint: { connectionKey } });
 * await worker.run();
 */
export async function createWorker(options: WorkerOptions): Promise<HoldpointWorker> {
  checkOptions('createWorker', 'the options', options, knownOptions);
  checkOptions('createWorker', 'openai', options.openai, ['apiKey', 'baseURL', 'silenceMs']);
  checkOptions('createWorker', 'cheqpoint', options.cheqpoint, ['connectionKey', 'baseUrl']);
  const { namespace = 'default', config, publicUrl, temporalUiUrl } = options;
  refuseWeakSecrets(options.secrets);
  refuseWeakKeys(options.encryption);
  refuseUserInfo(options);
  const { taskQueue } = config;
  const log = options.log ?? runtimeLog();
  const address = options.connection?.address ?? 'localhost:7233';
  const unreadable = watchUnreadablePayloads((fields, line) => log.warn(fields, line));
  const dataConverter = createDataConverter({
    namespace,
    encryption: options.encryption,
    onUnreadable: unreadable.onUnreadable,
  });
  const wait = {
    longestMs: options.startWaitMs ?? defaultStartWaitMs,
    onProgress: (line: string) => log.warn({}, line),
  };
  const review = reviewServices(
    options,
    watchReviewClock((warning) => log.warn({}, warning)),
  );
  for (const assistant of config.assistants) review(assistant);
  await refuseUnknownGroups(options, log);
  const opened: Array<() => Promise<void>> = [];
  const close = async (): Promise<void> => void (await Promise.allSettled(opened.map((end) => end())));

  try {
    const native = await connected(address, () => NativeConnection.connect(options.connection), wait);
    opened.push(() => native.close());
    const connection = await connected(address, () => renewedConnection().connect(options.connection), wait);
    opened.push(() => connection.close());
    const database = await openDatabase(options.databaseUrl, wait);
    opened.push(() => database.close());
    const client = new Client({ connection, namespace, dataConverter });
    const queue = { namespace, taskQueue };
    const callbackTokens = createCallbackTokens({ namespace, secrets: options.secrets });
    const dependencies: WorkerDependencies = {
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
      envelopes: new Envelopes(options.secrets),
      callbackUrl: (request) =>
        publicUrl && `${publicUrl.replace(/\/+$/, '')}/callbacks/cheqpoint/${callbackTokens.make(request)}`,
      workflowUrl: (workflowId, runId) =>
        temporalUiUrl &&
        `${temporalUiUrl.replace(/\/+$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/user-metadata`,
      traceContent: options.traceContent ?? false,
      ...(options.metrics && { meter: createWorkerMetrics(options.metrics, config) }),
      worker: `${process.pid}@${hostname()}`,
      now: Date.now,
    };
    // A server that begins to listen may refuse its first calls.
    const firstCalls = async () => {
      await checkServerVersion(connection);
      await registerSearchAttributes(connection, namespace);
      await ensureReconcileSchedule(client, { taskQueue, everything: publicUrl === undefined });
    };
    await whenServing(address, firstCalls, wait);
    const { maxCachedRuns, shutdownGraceMs } = options;
    const worker = await createRunWorker({
      connection: native,
      namespace,
      taskQueue,
      dependencies,
      dataConverter,
      ...(maxCachedRuns === undefined ? {} : { maxCachedRuns }),
      ...(shutdownGraceMs === undefined ? {} : { shutdownGraceMs }),
    });
    const publishing = await publishAssistants({
      registry: database.assistantRegistry,
      queue,
      assistants: config.assistants.map(({ name }) => name),
      onFailure: (error) => log.warn({ err: error }, 'The assistants could not be published to the gateway.'),
    });
    const readiness = createReadiness(
      [
        {
          name: 'Temporal',
          setting: 'TEMPORAL_ADDRESS',
          ask: () => client.withDeadline(Date.now() + 2_000, () => client.workflowService.getSystemInfo({})),
        },
        databaseDependency(database),
        reviewDependency(options.cheqpoint.baseUrl ?? hostedCheqpointUrl),
        unreadable.dependency,
      ],
      ({ name }, error) => log.warn({ err: error }, `not ready: ${name}`),
    );
    return {
      taskQueue,
      readiness,
      async run() {
        try {
          await worker.run();
        } finally {
          await publishing.stop();
          await close();
        }
      },
      shutdown() {
        if (worker.getState() === 'RUNNING' || worker.getState() === 'INITIALIZED') worker.shutdown();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws Error that names each unknown group of the config, and the groups of the review server. */
async function refuseUnknownGroups(
  { config, cheqpoint, unknownGroups = 'refuse' }: WorkerOptions,
  log: SurfaceLog,
): Promise<void> {
  const { unknown, warning } = await checkReviewGroups({ config, cheqpoint });
  if (warning !== undefined) log.warn({}, warning);
  if (unknown.length === 0) return;
  if (unknownGroups === 'refuse') throw new Error(unknown.join('\n'));
  for (const sentence of unknown) log.warn({}, `${sentence} Until then its requests go to the administrators.`);
}

function runtimeLog(): SurfaceLog {
  const { logger } = Runtime.instance();
  return {
    info: (fields, message) => logger.info(message, { ...fields }),
    warn: (fields, message) => logger.warn(message, { ...fields }),
  };
}

/** One service for each Connection Key: the assistant's own key, else the default one. */
function reviewServices(
  { cheqpoint }: WorkerOptions,
  onClock: (aheadMs: number) => void,
): WorkerDependencies['review'] {
  const baseUrl = cheqpoint.baseUrl ?? hostedCheqpointUrl;
  const services = new Map<string, ReturnType<typeof createReviewService>>();
  return ({ name, connectionKey: own }) => {
    const connectionKey = own ?? cheqpoint.connectionKey;
    if (connectionKey === undefined) {
      const whose = name === noAssistant ? 'An approval that names no assistant' : `The assistant "${name}"`;
      throw new ReviewFailure(
        'access-denied',
        `${whose} has no Cheqpoint Connection Key: set CHEQPOINT_CONNECTION_KEY, or connectionKey of the assistant.`,
        { sent: false },
      );
    }
    const service =
      services.get(connectionKey) ?? createReviewService({ baseUrl, connectionKey, onClock, headers: scopeHeaders });
    services.set(connectionKey, service);
    return service;
  };
}

function refuseWeakSecrets(secrets: readonly string[]): void {
  if (secrets.length === 0 || secrets.some((secret) => secret.length < 32)) {
    throw new Error(
      'createWorker needs `secrets`: one or more values of at least 32 characters (HOLDPOINT_SECRET). `openssl rand -base64 32` makes one.',
    );
  }
}

function refuseWeakKeys(encryption: PayloadEncryption | undefined): void {
  const problems = encryption === undefined ? [] : payloadKeyProblems(encryption);
  if (problems.length > 0)
    throw new TypeError(`createWorker: encryption.keys (HOLDPOINT_PAYLOAD_KEYS) ${problems.join('; ')}.`);
}

/** @throws TypeError for an address with a user name or password, which it does not show. */
function refuseUserInfo({ openai, cheqpoint, publicUrl, temporalUiUrl }: WorkerOptions): void {
  const addresses = {
    'openai.baseURL': openai.baseURL,
    'cheqpoint.baseUrl': cheqpoint.baseUrl,
    publicUrl,
    temporalUiUrl,
  };
  for (const [name, address] of Object.entries(addresses))
    if (address !== undefined && hasUserInfo(address))
      throw new TypeError(
        `createWorker: ${name} must not carry a user name or password (user:password@). Remove them: keys have their own options.`,
      );
}
