import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import type { Registry } from 'prom-client';
import { largestBodyBytes } from '../schemas/rest.ts';
import { requireApiKey } from './api-key.ts';
import { addAskApprovalRoute } from './ask-approval-route.ts';
import { addApprovalRoutes } from './approval-routes.ts';
import { addCallbackRoute } from './callback-route.ts';
import { addMessageRoute } from './message-route.ts';
import { createGatewayMetrics } from './metrics.ts';
import type { CallbackTokens, GatewayLog, OpenAIWebhooks, RunsPort } from './ports.ts';
import { observe } from './observe.ts';
import { answerError, RestFailure } from './rest-failure.ts';
import { addRunRoutes } from './run-routes.ts';
import { addWebhookRoute } from './webhook-route.ts';

export type GatewayDeps = {
  runs: RunsPort;
  /** Keys of callers; all are accepted. At least one. */
  apiKeys: readonly string[];
  callbackTokens: CallbackTokens;
  /** Checks `x-cheqpoint-signature` over the exact body. What it says is logged; nothing depends on it. */
  checkSignature?: (body: Uint8Array, signature: string) => boolean;
  /** OpenAI's webhooks; without it they are answered by an error. */
  webhooks?: OpenAIWebhooks;
  /** Where a person decides, for a request that came without a link. */
  reviewLinks?: (approvalId: string) => string | undefined;
  /** Names of the assistants in the config, where the gateway knows it; others are refused then. */
  assistants?: readonly string[];
  log: GatewayLog;
  /** Where the gateway's metrics go; default: a registry of their own. */
  metrics?: Registry;
  /** Milliseconds between signs of life on a quiet event stream. Default 15,000. */
  keepAliveMs?: number;
  /** Ends the event streams when the process wants to stop. */
  closing?: AbortSignal;
  now?: () => Date;
};

/** The gateway as a Hono app: REST for runs and approvals, Cheqpoint's callbacks, health, metrics, OpenAPI. */
export function createGateway(deps: GatewayDeps): OpenAPIHono {
  const {
    runs,
    log,
    assistants,
    keepAliveMs = 15_000,
    closing = new AbortController().signal,
    now = () => new Date(),
  } = deps;
  const metrics = createGatewayMetrics(deps.metrics);
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      const target = { json: 'body', param: 'path' }[result.target as string] ?? result.target;
      throw new RestFailure(
        'invalid-request',
        issue?.message ?? 'The request is not valid.',
        [target, ...(issue?.path ?? [])].join('.'),
      );
    },
  });
  app.onError(answerError(log));
  app.notFound((c) =>
    answerError(log)(new RestFailure('not-found', 'There is no such route. /openapi.json lists those there are.'), c),
  );

  app.use(observe(log, metrics));
  app.use('/v1/*', requireApiKey(deps.apiKeys));
  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: largestBodyBytes,
      onError: () => {
        throw new RestFailure('payload-too-large', `The body is larger than ${largestBodyBytes} bytes.`, 'body');
      },
    }),
  );

  addRunRoutes(app, { runs, assistants, keepAliveMs, closing, now, metrics, log });
  addMessageRoute(app, runs);
  addAskApprovalRoute(app, { runs, assistants, now });
  addApprovalRoutes(app, { runs, reviewLinks: deps.reviewLinks ?? (() => undefined) });
  addCallbackRoute(app, {
    runs,
    callbackTokens: deps.callbackTokens,
    checkSignature: deps.checkSignature,
    log,
    metrics,
  });
  addWebhookRoute(app, { webhooks: deps.webhooks, log, metrics, now });

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    await runs.health();
    return c.json({ status: 'ready' });
  });
  app.get('/metrics', async (c) =>
    c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  );

  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Holdpoint gateway', version: '1' },
    security: [{ apiKey: [] }],
  });
  return app;
}
