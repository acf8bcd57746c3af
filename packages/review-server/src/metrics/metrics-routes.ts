import { answerMetrics } from '@holdpoint/process';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import type { DecisionCount } from './count-decisions.ts';

/** `/metrics` for Prometheus. It needs no key, like the health checks. */
export function metricsRoutes({ registry, counted }: { registry: Registry; counted: DecisionCount }): Hono {
  const app = new Hono();
  app.get('/metrics', async () => {
    await counted.flush();
    return await answerMetrics(registry);
  });
  return app;
}
