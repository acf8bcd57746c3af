import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { atMostEvery, otherLabel } from '@holdpoint/process';
import type { GatewayLog, OpenRunCounts } from './ports.ts';

/** Prometheus metrics of the gateway. Labels hold route patterns, never called addresses. */
export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** Registers the gateway's metrics in `registry`. */
export function createGatewayMetrics(registry: Registry = new Registry()) {
  const registers = [registry];
  const callbacks = new Counter({
    name: 'holdpoint_gateway_callbacks_total',
    help: 'Callbacks from Cheqpoint, by result.',
    labelNames: ['result'] as const,
    registers,
  });
  // A series that begins above 0 has no increase.
  callbacks.inc({ result: 'unauthorized' }, 0);
  return {
    registry,
    requests: new Counter({
      name: 'holdpoint_gateway_requests_total',
      help: 'Requests answered.',
      labelNames: ['method', 'route', 'status'] as const,
      registers,
    }),
    seconds: new Histogram({
      name: 'holdpoint_gateway_request_seconds',
      help: 'Seconds until the answer began.',
      labelNames: ['method', 'route'] as const,
      registers,
    }),
    callbacks,
    webhooks: new Counter({
      name: 'holdpoint_gateway_webhooks_total',
      help: 'Webhooks from OpenAI, by result.',
      labelNames: ['result'] as const,
      registers,
    }),
    watchers: new Gauge({ name: 'holdpoint_gateway_watchers', help: 'Open event streams.', registers }),
  };
}

/** The counts cost up to 20 queries at Temporal, so scrapers share their result for this long, in milliseconds. */
const countEveryMs = 30_000;

/** Registers gauges of the open runs. They have no value while Temporal does not answer. */
export function registerOpenRuns(
  registry: Registry,
  countOpenRuns: () => Promise<OpenRunCounts>,
  log: GatewayLog,
): void {
  const counts = atMostEvery(countEveryMs, countOpenRuns);
  const current = async (): Promise<OpenRunCounts | undefined> => {
    try {
      return await counts();
    } catch (error) {
      log.warn({ err: error }, 'Open runs could not be counted, so their metrics are missing.');
      return undefined;
    }
  };
  registry.registerMetric(
    new Gauge({
      name: 'holdpoint_gateway_open_runs',
      help: 'Open runs of the namespace, by state.',
      labelNames: ['state'] as const,
      registers: [],
      async collect(): Promise<void> {
        this.reset();
        const { byReason: _, ...states } = (await current()) ?? {};
        for (const [state, count] of Object.entries(states)) this.set({ state }, count);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'holdpoint_gateway_parked_runs',
      help: 'Parked runs of the namespace, by reason. `other`: the run does not say, as in earlier versions.',
      labelNames: ['reason'] as const,
      registers: [],
      async collect(): Promise<void> {
        this.reset();
        const found = await current();
        if (found === undefined) return;
        for (const [reason, count] of Object.entries(found.byReason)) this.set({ reason }, count);
        const known = Object.values(found.byReason).reduce((sum, count) => sum + count, 0);
        this.set({ reason: otherLabel }, Math.max(0, found.parked - known));
      },
    }),
  );
}
