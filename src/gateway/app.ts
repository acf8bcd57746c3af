import type { Dependency } from '@holdpoint/process';
import { bodyLimit } from 'hono/body-limit';
import type { Registry } from 'prom-client';
import type { InboxTokens } from '../domain/inbox-token.ts';
import { largestBodyBytes } from '../schemas/rest.ts';
import { requireAccess } from './api-key.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import type { ApprovalRecordsDeps } from './approval-records.ts';
import { approvalRoutes } from './approval-routes.ts';
import { callbackRoutes } from './callback-routes.ts';
import { codecRoutes, type CodecAccess } from './codec-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { inboxCors } from './inbox-cors.ts';
import { inboxTokenRoutes } from './inbox-token-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { exactBodies } from './exact-bodies.ts';
import { createAssistantCheck, type KnownAssistants } from './check-assistant.ts';
import { createKnownCallers } from './known-callers.ts';
import { createGatewayMetrics, registerOpenRuns } from './metrics.ts';
import { observe } from './observe.ts';
import type {
  ApiKeys,
  CallbackTokens,
  GatewayLog,
  OpenAIWebhooks,
  OpenRunCounts,
  RecordedRuns,
  RunsPort,
} from './ports.ts';
import { answerError, RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';
import { questionRoutes } from './question-routes.ts';
import type { RemovalDeps } from './remove-runs.ts';
import { removalRoutes } from './removal-routes.ts';
import { runEventRoutes } from './run-event-routes.ts';
import { runRoutes } from './run-routes.ts';
import { createShowRun } from './show-run.ts';
import { standaloneApprovalRoutes } from './standalone-approval-routes.ts';
import { usageRoutes } from './usage-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

export type GatewayDeps = {
  runs: RunsPort;
  /** API keys of the operator, with every permission. At least one. Each is accepted. */
  operatorKeys: readonly string[];
  /** Callers with other keys. Without it the operator is the only caller. */
  apiKeys?: ApiKeys;
  callbackTokens: CallbackTokens;
  /** Checks `x-cheqpoint-signature` over the exact body. The gateway logs the result and uses it for nothing else. */
  checkSignature?: (body: Uint8Array, signature: string) => boolean;
  /** OpenAI's webhooks. Without it they are answered with `webhooks-not-set-up`. */
  webhooks?: OpenAIWebhooks;
  /** Decrypts values for Temporal's UI and CLI. Without it there are no such routes. */
  codec?: CodecAccess;
  /** Reads the requests that it shows, at the review service. */
  records: ApprovalRecordsDeps;
  /** Tokens and cost of runs. Without it usage is not shown. */
  recorded?: Pick<RecordedRuns, 'usage'>;
  /** Removes runs. Without it there is no retention and no erasure. */
  removal?: RemovalDeps;
  /** Tokens for the runs pages of the inbox. Without it there are none. */
  inboxTokens?: InboxTokens;
  /** Origin of the inbox, whose page may call the gateway. @default no page may */
  inboxOrigin?: string;
  /** Names of the workers' assistants. Others are refused. Without it every name is accepted. */
  assistants?: KnownAssistants;
  /** Counts the open runs for `/metrics`. @default they have no metrics */
  countOpenRuns?: () => Promise<OpenRunCounts>;
  /** Servers beside Temporal that `/readyz` asks. */
  dependencies?: readonly Dependency[];
  log: GatewayLog;
  /**
   * Registry for the gateway's metrics.
   * @default a new registry
   */
  metrics?: Registry;
  /**
   * Longest silence of an event stream before a comment is sent, in milliseconds.
   * @default 15_000
   */
  keepAliveMs?: number;
  /**
   * Open event streams, of one caller and in all.
   * @default 2000 and 4000
   */
  streams?: { perKey: number; total: number };
  /** Ends the event streams when it aborts. */
  closing?: AbortSignal;
  now?: () => Date;
};

/** Creates the gateway: REST for runs and approvals, callbacks and webhooks, health, metrics, OpenAPI. */
export function createGateway({
  runs,
  operatorKeys,
  apiKeys,
  callbackTokens,
  checkSignature,
  webhooks,
  codec,
  records,
  recorded,
  removal,
  inboxTokens,
  inboxOrigin,
  assistants,
  countOpenRuns,
  dependencies = [],
  log,
  metrics: registry,
  keepAliveMs = 15_000,
  streams = { perKey: 2000, total: 4000 },
  closing = new AbortController().signal,
  now = () => new Date(),
}: GatewayDeps): GatewayRouter {
  const metrics = createGatewayMetrics(registry);
  if (countOpenRuns) registerOpenRuns(metrics.registry, countOpenRuns, log);
  const app = createRouter();
  app.onError(answerError(log));
  app.notFound((c) =>
    answerError(log)(new RestFailure('not-found', 'There is no such route. /openapi.json lists all routes.'), c),
  );

  app.use(observe(log, metrics));
  const callers = createKnownCallers({ operatorKeys, apiKeys, inboxTokens, now });
  if (inboxOrigin !== undefined) app.use('/v1/*', inboxCors(inboxOrigin));
  app.use('/v1/*', requireAccess(callers, runs));
  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: largestBodyBytes,
      onError: () => {
        throw new RestFailure('payload-too-large', `The body is larger than ${largestBodyBytes} bytes.`, 'body');
      },
    }),
  );
  app.use('/v1/*', exactBodies);

  const checkAssistant = createAssistantCheck(assistants, log);
  const show = createShowRun(records);
  app.route('/', runRoutes({ show, checkAssistant, now }));
  app.route('/', runEventRoutes({ show, keepAliveMs, streams, closing, metrics, log }));
  app.route('/', usageRoutes({ recorded }));
  app.route('/', removalRoutes({ removal, log, now }));
  if (inboxTokens) app.route('/', inboxTokenRoutes({ inboxTokens, now }));
  app.route('/', messageRoutes());
  app.route('/', standaloneApprovalRoutes({ show, checkAssistant, now }));
  app.route('/', approvalRoutes({ records }));
  app.route('/', questionRoutes({ records }));
  app.route('/', apiKeyRoutes({ apiKeys, callers, log, now }));
  app.route('/', callbackRoutes({ runs, callbackTokens, checkSignature, log, metrics }));
  app.route('/', webhookRoutes({ webhooks, log, metrics, now }));
  if (codec !== undefined) app.route('/', codecRoutes({ ...codec, callers, log }));
  app.route('/', healthRoutes({ runs, dependencies, metrics, log }));

  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Holdpoint gateway', version: '1' },
    security: [{ apiKey: [] }],
  });
  return app;
}
