import { createReviewServer } from '@holdpoint/review-server';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createWorkerMetrics } from '../../src/worker/worker-metrics.ts';
import { testGateway } from '../gateway/test-gateway.ts';
import { secret } from '../support/keys.ts';
import { documentNamed, tableRows } from './documents.ts';

type Row = [name: string, type: string, labels: string, meaning: string];

/** The metrics as `/metrics` names them. Prometheus' client keeps the labels of each. */
async function printed(registry: Registry): Promise<Row[]> {
  const text = await registry.metrics();
  return registry.getMetricsAsArray().map((metric) => {
    const { name, help, labelNames = [] } = metric as unknown as { name: string; help: string; labelNames?: string[] };
    const type = new RegExp(`^# TYPE ${name} (\\w+)$`, 'm').exec(text)?.[1] ?? 'not printed';
    return [`\`${name}\``, type, labelNames.map((label) => `\`${label}\``).join(', '), help];
  });
}

describe('docs/observability.md', () => {
  it('metrics → those that the three processes print, with type, labels and meaning', async () => {
    const worker = new Registry();
    createWorkerMetrics(worker, { assistants: [] });
    const gateway = new Registry();
    testGateway({
      metrics: gateway,
      countOpenRuns: async () => ({ running: 0, waiting: 0, parked: 0, byReason: {} }),
    });
    const review = new Registry();
    const server = await createReviewServer({
      databaseUrl: 'sqlite::memory:',
      connectionKeys: [],
      reviewers: [{ name: 'rita', password: 'a good password' }],
      sessionSecret: secret,
      passwordCost: { ln: 8, r: 8, p: 1 },
      port: 0,
      callbackHosts: 'any',
      metrics: review,
    });
    const rows = [...(await printed(worker)), ...(await printed(gateway)), ...(await printed(review))];
    await server.close();
    if (process.env['PRINT_METRICS']) console.log(rows.map((row) => `| ${row.join(' | ')} |`).join('\n'));
    const documented = tableRows(documentNamed('docs/observability.md')).filter(([name]) =>
      name?.startsWith('`holdpoint_'),
    );
    expect(documented).toEqual(rows);
    // Units are part of the name.
    expect(rows.filter(([name, type]) => type === 'counter' && !name.endsWith('_total`'))).toEqual([]);
    expect(rows.filter(([name, type]) => type === 'histogram' && !name.endsWith('_seconds`'))).toEqual([]);
  });
});
