import './worker/check-temporal-packages.ts';
import { Client } from '@temporalio/client';
import { Envelopes } from './signing/envelope.ts';
import { equalInConstantTime, hmacSha256 } from '@holdpoint/json/digest';
import { createReviewService, hostedCheqpointUrl, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { processLog, requestScope, runProcess, scopeHeaders, serveHttp } from '@holdpoint/process';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createCallbackTokens } from './signing/callback-token.ts';
import { codecSessionMs, createCodecSessions, localUiToken } from './signing/codec-session.ts';
import { createRunExecutions } from './adapters/temporal/run-executions.ts';
import { startRunRetention } from './gateway/run-retention.ts';
import { createInboxTokens } from './signing/inbox-token.ts';
import { guarded } from './adapters/database/guarded.ts';
import { openDatabase } from './adapters/database/open-database.ts';
import { createDataConverter } from './adapters/temporal/data-converter.ts';
import { createJsonCodec } from './adapters/temporal/json-codec.ts';
import { createPayloadCodec } from './adapters/temporal/payload-codec.ts';
import { renewedConnection } from './adapters/temporal/renewed-connection.ts';
import { countOpenRuns } from './adapters/temporal/count-open-runs.ts';
import { createTemporalRuns } from './adapters/temporal/temporal-runs.ts';
import { watchUnreadablePayloads } from './adapters/temporal/unreadable-payloads.ts';
import { ConfigError } from './config/config-error.ts';
import { processEnvironment } from './config/environment.ts';
import { gatewaySchema } from './config/process-schemas.ts';
import { readConfig, type Config } from './config/read-config.ts';
import { settings } from './config/settings.ts';
import { defaultTaskQueue } from './domain/wire-names.ts';
import { createGateway } from './gateway/app.ts';
import { databaseDependency, reviewDependency } from './adapters/dependencies.ts';

/** Passed by `holdpoint dev`, whose own Temporal UI can send neither key nor cookie. */
const decodesForLocalUi = process.argv.includes('--local-ui');

/** The gateway as a process. */
await runProcess('gateway', async () => {
  const config = readConfig(processEnvironment(), gatewaySchema);
  const namespace = config.temporalNamespace;
  // Lazy: without Temporal the gateway starts and answers 503.
  const connection = renewedConnection().lazy(config.temporalConnection.reveal());
  const log = processLog(config.logLevel);
  const unreadable = watchUnreadablePayloads((fields, line) => log.warn(fields, line));
  const encryption = config.payloadKeys?.reveal();
  const { onUnreadable } = unreadable;
  const dataConverter = createDataConverter({ namespace, encryption, onUnreadable });
  const secrets = config.signingSecrets.reveal();
  const webhookSecret = config.cheqpointWebhookSecret?.reveal();
  const openaiWebhookSecret = config.openaiWebhookSecret?.reveal();
  if (openaiWebhookSecret !== undefined && config.databaseUrl === undefined)
    throw new ConfigError([
      'OPENAI_WEBHOOK_SECRET is set, but HOLDPOINT_DATABASE_URL is not: webhooks are stored there for the workers.',
    ]);
  const wait = { longestMs: config.startWaitSeconds * 1000, onProgress: (line: string) => log.warn(line) };
  const database = config.databaseUrl && (await openDatabase(config.databaseUrl.reveal(), wait));
  const envelopes = new Envelopes(config.signingSecrets.reveal());
  const closing = new AbortController();
  const taskQueue = config.taskQueue ?? defaultTaskQueue;
  const client = new Client({ connection, namespace, dataConverter });
  const removal = database && {
    removable: guarded(database.removableRuns),
    executions: createRunExecutions(client),
  };
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const app = createGateway({
    runs: createTemporalRuns({
      client,
      taskQueue,
      trace: requestScope,
      temporalUiUrl: config.temporalUiUrl,
      pageTokenSecrets: config.signingSecrets.reveal(),
      openDecision: (text, firstRunId) => envelopes.openDecision(text, firstRunId),
      ...(database === undefined
        ? {}
        : {
            values: guarded(database.values),
            recorded: guarded(database.recordedRuns),
            localRequests: () =>
              database.assistantRegistry.requestsLocally({ namespace, taskQueue }, Date.now()).catch(() => false),
          }),
    }),
    operatorKeys: [config.apiKey.reveal()],
    ...(database === undefined ? {} : { apiKeys: guarded(database.apiKeys), recorded: guarded(database.recordedRuns) }),
    codec: {
      codec: createJsonCodec(createPayloadCodec({ namespace, encryption, onUnreadable })),
      uiUrl: config.temporalUiUrl,
      sessions: createCodecSessions(secrets, () => new Date()),
      sessionSeconds: codecSessionMs / 1000,
      ...(decodesForLocalUi && { localToken: localUiToken(secrets[0] as string) }),
    },
    records: {
      review: reviewServices(config),
      openEnvelope: (details) => envelopes.open(details),
    },
    ...(database === undefined
      ? {}
      : { assistants: () => database.assistantRegistry.known({ namespace, taskQueue }, Date.now()) }),
    dependencies: [
      ...(database === undefined ? [] : [databaseDependency(database)]),
      // Callbacks and new runs work without it.
      ...(config.cheqpointUrl === undefined ? [] : [{ ...reviewDependency(config.cheqpointUrl), optional: true }]),
      unreadable.dependency,
    ],
    metrics,
    countOpenRuns: () => countOpenRuns(client),
    ...(removal === undefined ? {} : { removal }),
    inboxTokens: createInboxTokens(config.signingSecrets.reveal()),
    ...(config.inboxUrl === undefined ? {} : { inboxOrigin: new URL(config.inboxUrl).origin }),
    callbackTokens: createCallbackTokens({ namespace, secrets: config.signingSecrets.reveal() }),
    ...(webhookSecret === undefined
      ? {}
      : { checkSignature: (body, signature) => isSignedWith(webhookSecret, body, signature) }),
    ...(openaiWebhookSecret === undefined || database === undefined
      ? {}
      : {
          webhooks: {
            // OpenAI's library is loaded only where webhooks come.
            open: (await import('./adapters/openai/open-webhook.ts')).createOpenWebhook(openaiWebhookSecret),
            record: (delivery) => guarded(database.webhookHints).record(delivery),
          },
        }),
    log,
    closing: closing.signal,
  });
  const server = await serveHttp({
    fetch: app.fetch,
    ...config.gatewayListen,
    setting: settings.gatewayListen.variable,
  });
  const retention =
    removal === undefined || config.retention === undefined
      ? undefined
      : startRunRetention(removal, { keepMs: config.retention }, log);
  return {
    ready: { url: server.url },
    stop: async () => {
      closing.abort();
      await retention?.stop();
      await server.close();
      await connection.close();
      await database?.close();
    },
  };
});

/** The review service with the key of an assistant, else the default key. @throws ReviewFailure without one. */
function reviewServices({
  cheqpointUrl = hostedCheqpointUrl,
  connectionKey,
  assistantKeys,
}: Config<typeof gatewaySchema>): (assistant: string) => ReviewService {
  const services = new Map<string, ReviewService>();
  const keys = new Map(assistantKeys?.reveal().map(({ assistant, key }) => [assistant, key]));
  return (assistant) => {
    const key = keys.get(assistant) ?? connectionKey?.reveal();
    if (key === undefined)
      throw new ReviewFailure(
        'access-denied',
        `The gateway has no Connection Key for "${assistant}": set CHEQPOINT_CONNECTION_KEY, or HOLDPOINT_CONNECTION_KEYS where the assistant has its own.`,
        { sent: false },
      );
    const service =
      services.get(key) ?? createReviewService({ baseUrl: cheqpointUrl, connectionKey: key, headers: scopeHeaders });
    services.set(key, service);
    return service;
  };
}

// The exact form is not documented; raw bytes, lower-case hex and no prefix is what our review server sends.
function isSignedWith(secret: string, body: Uint8Array, signature: string): boolean {
  return equalInConstantTime(hmacSha256(secret, body), Buffer.from(signature.replace(/^sha256=/, ''), 'hex'));
}
