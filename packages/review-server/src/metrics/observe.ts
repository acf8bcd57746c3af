import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ReviewMetrics } from './review-metrics.ts';

/** Counts each request by its route pattern. */
export function observe(metrics: ReviewMetrics): MiddlewareHandler {
  return async (c, next) => {
    const begun = performance.now();
    await next();
    const { method } = c.req;
    const route = routePath(c);
    metrics.requests.inc({ method, route, status: String(c.res.status) });
    metrics.seconds.observe({ method, route }, (performance.now() - begun) / 1000);
  };
}
