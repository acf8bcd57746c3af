/** A registry of prom-client, as far as `/metrics` needs it. */
export type MetricsSource = { readonly contentType: string; metrics(): Promise<string> };

/** The answer of `/metrics`, in Prometheus' text format. */
export async function answerMetrics(registry: MetricsSource): Promise<Response> {
  return new Response(await registry.metrics(), {
    headers: { 'content-type': registry.contentType, 'cache-control': 'no-store' },
  });
}
