import type { Context, MiddlewareHandler, Next } from 'hono';
import type { Access } from './api-key.ts';
import { routePath } from 'hono/route';
import type { GatewayMetrics } from './metrics.ts';
import { inRequest } from '@holdpoint/process';
import type { GatewayLog } from './ports.ts';

/** Health checks and scrapes: counted, but no part of a trace. */
const silent = ['/healthz', '/readyz', '/metrics'];

/**
 * Logs, counts and traces each request by its route pattern: the address may hold a callback token. The answer has the
 * `x-request-id` that the logs of all processes have.
 */
export function observe(
  log: GatewayLog,
  metrics: GatewayMetrics,
): MiddlewareHandler<{ Variables: { access?: Access } }> {
  return async (c, next) => {
    const { method, path, raw } = c.req;
    await inRequest({ method, headers: raw.headers, silent: silent.includes(path) }, async (requestId, answered) => {
      await answer(c, next);
      c.header('x-request-id', requestId);
      answered({ route: routePath(c, -1), status: c.res.status });
    });
  };

  async function answer(c: Context<{ Variables: { access?: Access } }>, next: Next): Promise<void> {
    const start = performance.now();
    await next();
    const { method } = c.req;
    const { status } = c.res;
    const route = routePath(c, -1);
    const seconds = (performance.now() - start) / 1000;
    metrics.requests.inc({ method, route, status: String(status) });
    metrics.seconds.observe({ method, route }, seconds);
    const { name: caller, person } = c.get('access')?.caller ?? {};
    log.info(
      {
        method,
        route,
        status,
        ...(caller !== undefined && { caller }),
        ...(person !== undefined && { person }),
        ms: Math.round(seconds * 1000),
      },
      'Answered.',
    );
  }
}
