import { answerMetrics, answerReadiness, createReadiness, type Dependency } from '@holdpoint/process';
import { Hono } from 'hono';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog, RunsPort } from './ports.ts';

export type HealthDeps = {
  runs: RunsPort;
  /** Beside Temporal. */
  dependencies: readonly Dependency[];
  metrics: GatewayMetrics;
  log: GatewayLog;
};

/**
 * Routes for load balancers and Prometheus. `/healthz` asks nothing, `/readyz` asks Temporal and the other
 * dependencies.
 */
export function healthRoutes({ runs, dependencies, metrics, log }: HealthDeps): Hono {
  const app = new Hono();
  const readiness = createReadiness(
    [{ name: 'Temporal', setting: 'TEMPORAL_ADDRESS', ask: () => runs.health() }, ...dependencies],
    ({ name, setting }, error) =>
      log.warn({ setting, reason: error instanceof Error ? error.message : String(error) }, `not ready: ${name}`),
  );
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', () => answerReadiness(readiness));
  app.get('/metrics', () => answerMetrics(metrics.registry));
  return app;
}
