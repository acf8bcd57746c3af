import './quiet-temporal.ts';
import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { requestScope, scopeHeaders } from '@holdpoint/process';
import proto from '@temporalio/proto';
import { Envelopes } from '../../src/signing/envelope.ts';
import type { WorkerDependencies } from '../../src/activities/context.ts';
import type { Transcripts } from '../../src/activities/ports.ts';
import { createCallbackTokens } from '../../src/signing/callback-token.ts';
import { createReviewService } from '@holdpoint/cheqpoint';
import { createClient, type Client as HoldpointClient } from '../../src/client.ts';
import { openDatabase, type HoldpointDatabase } from '../../src/adapters/database/open-database.ts';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import { createRuns } from '../../src/adapters/temporal/create-runs.ts';
import { createRunExecutions } from '../../src/adapters/temporal/run-executions.ts';
import { createWaitingRuns } from '../../src/adapters/temporal/waiting-runs.ts';
import { runQuery, runWorkflowType, workflowTaskTimeout } from '../../src/domain/wire-names.ts';
import type { RunInput, RunResult, RunView } from '../../src/domain/run.ts';
import { createGateway } from '../../src/gateway/app.ts';
import { defineAssistant, defineConfig, type AssistantDefinition, type Tool } from '../../src/index.ts';
import { createReviewServer, type ReviewServer, type ReviewServerOptions } from '@holdpoint/review-server';
import { signInReviewer, type ReviewerDecision } from '@holdpoint/review-server/contract';
import { createRunWorker, type RunWorkerOptions } from '../../src/worker/run-worker.ts';
import { connectionKey, secret } from './keys.ts';
import { scriptedModel, type ScriptedModel, type ScriptedTurn } from './scripted-model.ts';
import { startTestTemporal, type TestTemporal } from './temporal.ts';
import { until } from './until.ts';

export type RunStack = {
  client: Client;
  taskQueue: string;
  database: HoldpointDatabase;
  reviewServer: ReviewServer;
  /** A client of the stack's gateway. */
  holdpoint: HoldpointClient;
  gatewayUrl: string;
  model: ScriptedModel;
  dependencies: WorkerDependencies;
  /** Starts a run whose model says `turns`. */
  start(turns: readonly ScriptedTurn[], options?: { id?: string } & Partial<RunInput>): Promise<StartedRun>;
  /** The model's replies in a run that was started elsewhere. */
  script(runId: string, turns: readonly ScriptedTurn[]): void;
  /** A run that was started elsewhere. */
  attach(runId: string): StartedRun;
  startWorker(
    overrides?: Partial<WorkerDependencies>,
    options?: Partial<Pick<RunWorkerOptions, 'dataConverter' | 'version'>>,
  ): Promise<{ worker: Worker; stop(): Promise<void> }>;
  /** Stops all workers. */
  stopWorkers(): Promise<void>;
  /** Stops all workers and starts one with the dependencies as they now are. */
  redeploy(): Promise<void>;
  stop(): Promise<void>;
};

export type StartedRun = {
  id: string;
  result(): Promise<RunResult>;
  view(): Promise<RunView>;
  /** The review server's id of the newest request that the run waits for; waits until there is one. */
  approval(tool?: string): Promise<string>;
  /** As a reviewer: decides, which makes the review server call back. */
  decide(approvalId: string, decision: ReviewerDecision): Promise<void>;
  signal(name: string, ...args: unknown[]): Promise<void>;
  cancel(): Promise<void>;
  /** The inputs that this run sent to the model. */
  received(): ReturnType<ScriptedModel['received']>;
  /** The outputs that the model got for its calls, in order. */
  told(): string[];
  /** Temporal's history of the run, as event types. */
  events(): Promise<string[]>;
};

export type RunStackOptions = {
  /** Holdpoint's database. @default a SQLite database in memory */
  databaseUrl?: string;
  review?: Partial<ReviewServerOptions>;
  /** Starts without a worker. */
  worker?: false;
  /** The review server gets no callback URL. */
  callbacks?: false;
  dependencies?: Partial<WorkerDependencies>;
  taskQueue?: string;
  /** More of the one assistant, `tester`. */
  assistant?: Partial<AssistantDefinition>;
  /** Reaches the model; gets the stack's transcripts. Default: the scripted model. */
  surface?: (transcripts: Transcripts) => WorkerDependencies['surface'];
  /** Another Temporal than the shared one. */
  temporal?: TestTemporal;
  /** Of every client, and of workers without their own. @default Temporal's */
  dataConverter?: DataConverter;
  /** HOLDPOINT_SECRET of the gateway, and of workers without their own. */
  secrets?: readonly string[];
  /** Reviews happen at this address instead of the stack's own review server. */
  cheqpointUrl?: string;
};

/** Real Temporal, real databases, a real review server and gateway over HTTP; only the model is scripted. */
export async function startRunStack(tools: readonly Tool[], options: RunStackOptions = {}): Promise<RunStack> {
  const { dataConverter } = options;
  const { client: plain, namespace, address } = options.temporal ?? (await startTestTemporal());
  const client =
    dataConverter === undefined ? plain : new Client({ connection: plain.connection, namespace, dataConverter });
  const { taskQueue = `test-${randomUUID()}` } = options;
  const database = await openDatabase(options.databaseUrl ?? 'sqlite::memory:');
  const scripts = new Map<string, readonly ScriptedTurn[]>();
  const model = scriptedModel(database.transcripts, (runId) => scripts.get(runId) ?? []);

  const reviewServer = await createReviewServer({
    databaseUrl: 'sqlite::memory:',
    connectionKeys: [{ assistant: 'tester', key: connectionKey }],
    reviewers: [{ name: 'rita', password: 'a good password' }],
    sessionSecret: secret,
    passwordCost: { ln: 8, r: 8, p: 1 },
    port: 0,
    callbackHosts: 'any',
    ...options.review,
  });
  const { secrets = [secret] } = options;
  const callbackTokens = createCallbackTokens({ namespace, secrets });
  const envelopes = new Envelopes(secrets);
  const { now = Date.now } = options.dependencies ?? {};
  const review = createReviewService({
    baseUrl: options.cheqpointUrl ?? reviewServer.url,
    connectionKey,
    now,
    headers: scopeHeaders,
  });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const gateway = createGateway({
    runs: createTemporalRuns({
      client,
      taskQueue,
      values: database.values,
      recorded: database.recordedRuns,
      openDecision: (text, id) => envelopes.openDecision(text, id),
      trace: requestScope,
      localRequests: () => Promise.resolve(true),
    }),
    records: { review: () => review, openEnvelope: (details) => envelopes.open(details) },
    removal: { removable: database.removableRuns, executions: createRunExecutions(client) },
    recorded: database.recordedRuns,
    operatorKeys: ['api-key'],
    callbackTokens,
    log,
  });
  const listening = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const server = serve({ fetch: gateway.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server));
  });
  const { port } = listening.address() as { port: number };
  const gatewayUrl = `http://127.0.0.1:${port}`;

  const config = defineConfig({
    assistants: [defineAssistant({ name: 'tester', model: 'none', ...options.assistant, tools: [...tools] })],
    taskQueue,
  });
  const dependencies: WorkerDependencies = {
    config,
    surface: options.surface?.(database.transcripts) ?? (() => model),
    review: () => review,
    values: database.values,
    transcripts: database.transcripts,
    runRecords: database.runRecords,
    requests: database.requests,
    effects: database.effects,
    runs: createRuns(client),
    waitingRuns: createWaitingRuns(client, taskQueue),
    envelopes,
    callbackUrl: (request) =>
      options.callbacks === false ? undefined : `${gatewayUrl}/callbacks/cheqpoint/${callbackTokens.make(request)}`,
    workflowUrl: () => undefined,
    worker: 'worker-1',
    now: Date.now,
    ...options.dependencies,
  };

  const connection = await NativeConnection.connect({ address });
  const workers = new Set<{ stop(): Promise<void> }>();
  const startWorker: RunStack['startWorker'] = async (overrides, own) => {
    const worker = await createRunWorker({
      connection,
      namespace,
      taskQueue,
      dependencies: { ...dependencies, ...overrides },
      dataConverter: own?.dataConverter ?? dataConverter,
      version: own?.version,
      shutdownGraceMs: 100,
    });
    const running = worker.run();
    const started = {
      worker,
      async stop() {
        workers.delete(started);
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
      },
    };
    workers.add(started);
    return started;
  };
  const stopWorkers = async (): Promise<void> => {
    await Promise.all([...workers].map((worker) => worker.stop()));
  };
  if (options.worker !== false) await startWorker();
  const { client: reviewer } = await signInReviewer(reviewServer.url, 'rita', 'a good password');

  const attach = (id: string): StartedRun => {
    const handle = client.workflow.getHandle(id);
    const view = (): Promise<RunView> => handle.query<RunView>(runQuery);
    return {
      id,
      result: () => handle.result() as Promise<RunResult>,
      view,
      approval: (tool) =>
        until(`an open approval of ${id}`, async () => {
          const waiting = (await view()).calls.find(
            (each) =>
              each.state === 'waiting' && each.approval?.id !== undefined && (tool === undefined || each.tool === tool),
          );
          return waiting?.approval?.id;
        }),
      decide: async (approvalId, decision) => {
        await reviewer.call('POST /approvals/{id}/decide', { path: { id: approvalId }, body: decision });
      },
      signal: async (name, ...args) => {
        await handle.signal(name, ...args);
      },
      cancel: async () => {
        await handle.cancel();
      },
      received: () => model.received(id),
      told: () => model.received(id).flatMap(({ outputs }) => outputs.map(({ output }) => output)),
      events: async () => ((await handle.fetchHistory()).events ?? []).map(({ eventType }) => eventTypeName(eventType)),
    };
  };

  return {
    client,
    taskQueue,
    database,
    reviewServer,
    holdpoint: createClient({ url: gatewayUrl, apiKey: 'api-key' }),
    gatewayUrl,
    model,
    dependencies,
    startWorker,
    script: (runId, turns) => void scripts.set(runId, turns),
    attach,
    async start(turns, { id = `run-${randomUUID()}`, ...more } = {}) {
      scripts.set(id, turns);
      const input: RunInput = {
        assistant: 'tester',
        input: { type: 'inline', value: 'go' },
        localRequests: true,
        ...more,
      };
      await client.workflow.start(runWorkflowType, {
        args: [input],
        taskQueue,
        workflowId: id,
        workflowTaskTimeout,
      });
      return attach(id);
    },
    stopWorkers,
    async redeploy() {
      await stopWorkers();
      await startWorker();
    },
    async stop() {
      await stopWorkers();
      await connection.close();
      listening.close();
      await reviewServer.close();
      await database.close();
    },
  };
}

function eventTypeName(type: unknown): string {
  return proto.temporal.api.enums.v1.EventType[type as number] ?? String(type);
}
