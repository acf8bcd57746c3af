import { databaseFailure } from '@holdpoint/database';
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { adminRoutes, type AdminApi } from './api/admin-routes.ts';
import { compressedAnswers } from './api/compressed-answers.ts';
import { cheqpointRoutes, type CheqpointApi } from './api/cheqpoint-routes.ts';
import { ownPagesOnly } from './api/own-pages-only.ts';
import { reviewerRoutes, type ReviewerApi } from './api/reviewer-routes.ts';
import { readSession } from './api/reviewer-session.ts';
import type { BuiltInbox } from './inbox/built-inbox.ts';
import { serveInbox } from './inbox/serve-inbox.ts';
import type { DecisionCount } from './metrics/count-decisions.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { observe } from './metrics/observe.ts';
import type { ReviewMetrics } from './metrics/review-metrics.ts';
import { registerSecurity } from './openapi/openapi-document.ts';
import { openApiRoutes } from './openapi/openapi-routes.ts';

function gatewayOrigin(gateway: AdminApi['gateway']): string[] {
  return gateway === undefined ? [] : [new URL(gateway.publicUrl ?? gateway.url).origin];
}

/** All routes of the server. Errors are `{ "error": "<text>" }`, never a page, a redirect or an empty body. */
export async function createApp(
  parts: CheqpointApi &
    ReviewerApi &
    AdminApi & {
      inbox: BuiltInbox | undefined;
      metrics: ReviewMetrics;
      registry: Registry;
      counted: DecisionCount;
    },
  log: Logger,
): Promise<OpenAPIHono> {
  const app = new OpenAPIHono();
  registerSecurity(app);
  app.use(observe(parts.metrics, log));
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        // Images of previews are data: addresses in a frame, and a frame inherits the policy of its page.
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        // Pages about runs ask the gateway.
        connectSrc: ["'self'", ...gatewayOrigin(parts.gateway)],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        // The nonce is for two style rules that the component library adds.
        styleSrc: ["'self'", NONCE],
        requireTrustedTypesFor: ["'script'"],
        // They make the document of the preview's frame, and the address of the service worker.
        trustedTypes: ['holdpoint-preview', 'holdpoint-worker'],
      },
      // With a stricter policy browsers hide a form's origin, which ownPagesOnly needs.
      referrerPolicy: 'same-origin',
    }),
  );
  app.use(async (c, next) => {
    await next();
    // Clients compare it with their own clock.
    c.header('date', parts.store.clock().toUTCString());
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  });
  app.route('/', metricsRoutes(parts));
  app.route('/', cheqpointRoutes(parts));
  app.route('/', openApiRoutes(app));
  app.use('/reviewer-api/*', compressedAnswers);
  app.use(ownPagesOnly(() => new URL(parts.reviewUrl('')).origin));
  app.use(readSession(parts.sessions, parts.secureCookies));
  app.route('/reviewer-api', reviewerRoutes(parts));
  app.route('/reviewer-api', adminRoutes(parts));
  if (parts.providerSignIn !== undefined) {
    // Most servers have no identity provider and start without its library.
    const { providerRoutes } = await import('./api/provider-routes.ts');
    app.route('/', providerRoutes(parts, parts.providerSignIn));
  }
  app.route('/', serveInbox(parts.inbox));
  app.notFound((c) => c.json({ error: `There is no ${c.req.method} ${c.req.path} here.` }, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
    log.error(
      { method: c.req.method, path: c.req.routePath, problem: error.message, stack: error.stack },
      'request failed',
    );
    const failure = databaseFailure(error);
    // An error after a commit may be of any kind.
    if (failure === undefined) return c.json({ error: `The review server failed. ${lookAgain(c.req.method)}` }, 500);
    const advice = failure.changed === 'no' ? 'This call decided nothing. Try again.' : lookAgain(c.req.method);
    return c.json({ error: `The review server failed: ${failure.reason}. ${advice}` }, 503);
  });
  return app;
}

function lookAgain(method: string): string {
  return method === 'GET' || method === 'HEAD'
    ? 'Try again.'
    : 'It is unknown whether this call had its effect. Look at the request again before you repeat the call.';
}
