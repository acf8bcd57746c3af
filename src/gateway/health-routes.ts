import { Hono } from 'hono';
import type { GatewayMetrics } from './metrics.ts';
import type { RunsPort } from './ports.ts';

/** Routes for load balancers and Prometheus. `/readyz` asks Temporal. */
export function healthRoutes({ runs, metrics }: { runs: RunsPort; metrics: GatewayMetrics }): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    await runs.health();
    return c.json({ status: 'ready' });
  });
  app.get('/metrics', async (c) =>
    c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  );
  return app;
}
