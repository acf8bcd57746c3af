import type { MiddlewareHandler } from 'hono';
import type { Access } from './api-key.ts';
import { routePath } from 'hono/route';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog } from './ports.ts';

/** Logs and counts each request by its route pattern: the address may hold a callback token. */
export function observe(
  log: GatewayLog,
  metrics: GatewayMetrics,
): MiddlewareHandler<{ Variables: { access?: Access } }> {
  return async (c, next) => {
    const start = performance.now();
    await next();
    const { method } = c.req;
    const { status } = c.res;
    const route = routePath(c, -1);
    const seconds = (performance.now() - start) / 1000;
    metrics.requests.inc({ method, route, status: String(status) });
    metrics.seconds.observe({ method, route }, seconds);
    const caller = c.get('access')?.caller.name;
    log.info(
      { method, route, status, ...(caller !== undefined && { caller }), ms: Math.round(seconds * 1000) },
      'Answered.',
    );
  };
}
