import './worker/check-temporal-packages.ts';
import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { answerMetrics, answerReadiness, hideSecrets, processLog, runProcess, serveHttp } from '@holdpoint/process';
import { processEnvironment, secretsOf } from './config/environment.ts';
import { workerSchema } from './config/process-schemas.ts';
import { readConfig } from './config/read-config.ts';
import { withSecretFiles } from './config/secret-files.ts';
import { settings } from './config/settings.ts';
import { createWorker, type HoldpointWorker, type WorkerOptions } from './worker/create-worker.ts';
import { temporalLog } from './worker/temporal-log.ts';
import { loadUserConfig } from './config/load-user-config.ts';

/**
 * Passed by `holdpoint dev` with its local review server, which knows one Connection Key: assistants' own keys are
 * ignored.
 */
const localReview = process.argv.includes('--local-review');

/** The worker as a process. */
await runProcess('worker', async () => {
  const config = readConfig(processEnvironment(), workerSchema);
  const { config: userConfig, files } = await loadUserConfig(config.configFile);
  const log = processLog(config.logLevel);
  // The tools' own secrets.
  hideSecrets(secretsOf(withSecretFiles(processEnvironment()).environment));
  Runtime.install({
    logger: temporalLog(log),
    // `runProcess` handles signals.
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) },
      ...(config.metricsListen === undefined
        ? {}
        : { metrics: { prometheus: { bindAddress: `${config.metricsListen.host}:${config.metricsListen.port}` } } }),
    },
  });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const worker = await createWorker({
    metrics,
    traceContent: config.traceContent === 'on',
    connection: config.temporalConnection.reveal() as NonNullable<WorkerOptions['connection']>,
    namespace: config.temporalNamespace,
    config: {
      ...userConfig,
      taskQueue: config.taskQueue ?? userConfig.taskQueue,
      assistants: localReview
        ? userConfig.assistants.map((assistant) => ({ ...assistant, connectionKey: null }))
        : userConfig.assistants,
    },
    ...(config.buildId === undefined
      ? {}
      : {
          version: {
            buildId: config.buildId,
            versioning: config.versioning,
            ...(config.deployment === undefined ? {} : { deployment: config.deployment }),
          },
        }),
    ...(config.toolSlots === undefined ? {} : { toolSlots: config.toolSlots }),
    ...(config.activitySlots === undefined ? {} : { activitySlots: config.activitySlots }),
    databaseUrl: config.databaseUrl.reveal(),
    secrets: config.signingSecrets.reveal(),
    ...(config.payloadKeys === undefined ? {} : { encryption: config.payloadKeys.reveal() }),
    openai: {
      apiKey: config.openaiApiKey.reveal(),
      ...(config.openaiBaseUrl === undefined ? {} : { baseURL: config.openaiBaseUrl }),
      silenceMs: config.modelSilenceSeconds * 1000,
    },
    cheqpoint: {
      ...(config.cheqpointUrl === undefined ? {} : { baseUrl: config.cheqpointUrl }),
      ...(config.connectionKey === undefined ? {} : { connectionKey: config.connectionKey.reveal() }),
    },
    // The groups of a new local review server are added after its start.
    ...(localReview && { unknownGroups: 'warn' as const }),
    startWaitMs: config.startWaitSeconds * 1000,
    // Temporal's logger keeps its lines until a connection is there.
    log,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    ...(config.temporalUiUrl === undefined ? {} : { temporalUiUrl: config.temporalUiUrl }),
  });
  const finished = worker.run();
  const server =
    config.workerListen &&
    (await serveHttp({
      fetch: ({ url }) => answerHealth(new URL(url).pathname, worker, metrics),
      ...config.workerListen,
      setting: settings.workerListen.variable,
    }));
  return {
    ready: {
      ...(server && { url: server.url }),
      taskQueue: worker.taskQueue,
      assistants: userConfig.assistants.map(({ name, api, model, assistantId }) => ({ name, api, model, assistantId })),
      files,
    },
    failed: finished,
    stop: async () => {
      worker.shutdown();
      await finished;
      await server?.close();
    },
  };
});

/** `/healthz`: the process is alive. `/readyz`: its dependencies answer. `/metrics`: for Prometheus. */
async function answerHealth(path: string, worker: HoldpointWorker, metrics: Registry): Promise<Response> {
  if (path === '/healthz') return Response.json({ status: 'ok' });
  if (path === '/readyz') return await answerReadiness(() => worker.readiness());
  if (path === '/metrics') return await answerMetrics(metrics);
  return Response.json(
    { error: `There is no ${path} here. There are /healthz, /readyz and /metrics.` },
    { status: 404 },
  );
}
