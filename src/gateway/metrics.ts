import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics of the gateway. Labels hold route patterns, never called addresses. */
export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** Registers the gateway's metrics in `registry`. */
export function createGatewayMetrics(registry: Registry = new Registry()) {
  const registers = [registry];
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
    callbacks: new Counter({
      name: 'holdpoint_gateway_callbacks_total',
      help: 'Callbacks from Cheqpoint, by result.',
      labelNames: ['result'] as const,
      registers,
    }),
    webhooks: new Counter({
      name: 'holdpoint_gateway_webhooks_total',
      help: 'Webhooks from OpenAI, by result.',
      labelNames: ['result'] as const,
      registers,
    }),
    watchers: new Gauge({ name: 'holdpoint_gateway_watchers', help: 'Open event streams.', registers }),
  };
}
