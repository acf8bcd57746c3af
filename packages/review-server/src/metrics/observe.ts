import { inRequest } from '@holdpoint/process';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { ReviewMetrics } from './review-metrics.ts';

/** Health checks and scrapes: counted, but no part of a trace. */
const silent = ['/healthz', '/readyz', '/metrics'];

/**
 * Counts, traces and logs each request by its route pattern. The answer has the `x-request-id` that the logs of all
 * processes have. Pages read often, so their reads are logged at the level debug.
 */
export function observe(metrics: ReviewMetrics, log: Logger): MiddlewareHandler {
  return async (c, next) => {
    const { method, path, raw } = c.req;
    await inRequest({ method, headers: raw.headers, silent: silent.includes(path) }, async (requestId, answered) => {
      const begun = performance.now();
      await next();
      const seconds = (performance.now() - begun) / 1000;
      const route = routePath(c);
      const { status } = c.res;
      c.header('x-request-id', requestId);
      answered({ route, status });
      metrics.requests.inc({ method, route, status: String(status) });
      metrics.seconds.observe({ method, route }, seconds);
      log[method === 'GET' ? 'debug' : 'info']({ method, route, status, ms: Math.round(seconds * 1000) }, 'answered');
    });
  };
}
