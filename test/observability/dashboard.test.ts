import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { startObservedStage, type ObservedStage } from './observed-stage.ts';
import { deployed, hasPrometheus, startPrometheus, type Prometheus } from './prometheus.ts';

type Target = { expr: string; legendFormat: string };
type Panel = { title: string; type: string; targets?: Target[] };
type Variable = { name: string; type: string; query: string };

const dashboard = JSON.parse(readFileSync(join(deployed, 'dashboard.json'), 'utf8')) as {
  panels: Panel[];
  templating: { list: Variable[] };
};
const targets = dashboard.panels.flatMap(({ title, targets: own = [] }) => own.map((target) => ({ title, ...target })));

const send = (to: string) => ({ calls: [{ name: 'send', arguments: { to, count: 500 } }] });
const other = (name: string) => ({ calls: [{ name, arguments: { to: 'ana', count: 1 } }] });
const done = { text: 'Done.' };

/** A real Prometheus scrapes the three processes, while calls go in every way. */
describe.runIf(hasPrometheus)('dashboard', () => {
  let stage: ObservedStage;
  let prometheus: Prometheus;

  beforeAll(async () => {
    stage = await startObservedStage();
    const hostOf = (name: keyof ObservedStage['urls']) => new URL(stage.urls[name]).host;
    prometheus = await startPrometheus(join(stage.folder, 'prometheus'), {
      'holdpoint-worker': hostOf('worker'),
      'holdpoint-worker-temporal': hostOf('temporal-metrics'),
      'holdpoint-gateway': hostOf('gateway'),
      'holdpoint-review-server': hostOf('review-server'),
    });
    await until(
      'all targets are scraped',
      async () => (await prometheus.range('sum(up)')).some(({ values }) => values.includes(4)),
      60_000,
    );
    await playRuns();
  }, 300_000);
  afterAll(async () => {
    await prometheus?.stop();
    await stage?.stop();
  });

  async function playRuns(): Promise<void> {
    stage.model.fault({ kind: 'insufficient_quota', match: { text: 'parks' }, times: 'always' });
    const [approved, rejected, edited, expired, retried, lost, parked] = await Promise.all([
      stage.start('approved', [send('ana'), done]),
      stage.start('rejected', [send('ben'), done]),
      stage.start('edited', [send('cleo'), done]),
      stage.start('expired', [other('send_soon'), done]),
      stage.start('retried', [other('send_at_second_try'), done]),
      stage.start('lost', [other('send_and_lose'), done]),
      stage.start('parks', [done]),
    ]);
    await stage.start('waiting', [send('dora'), done]);
    const held = await Promise.all([approved, rejected, edited].map((run) => stage.held(run)));
    // Counters that begin above 0 have no increase, so Prometheus first has to see the calls wait.
    await until(
      'Prometheus has the waiting calls',
      async () => (await prometheus.range('holdpoint_review_waiting_approvals{tool="send"} > 3')).length > 0,
      60_000,
    );
    // The scrape that counts them for the first time may have read the decisions before.
    await until(
      'Prometheus has decisions that begin at 0',
      async () => (await prometheus.range('holdpoint_review_decisions_total{tool="send",by="person"} == 0')).length > 0,
    );
    await stage.decide(held[0] as string, { decision: 'approve' });
    await stage.decide(held[1] as string, { decision: 'reject', note: 'No.' });
    await stage.decide(held[2] as string, {
      decision: 'approve',
      modifiedDetails: { to: 'cleo', count: 20 },
    });
    await Promise.all([approved, rejected, edited, expired, retried].map((run) => run.result()));
    await stage.held(lost);
    await until('the run is parked', async () => (await parked.get()).state === 'parked', 60_000);
    // The gauge of parked runs is counted every 30 seconds.
    await until(
      'Prometheus has the parked run',
      async () => (await prometheus.range('holdpoint_gateway_parked_runs{reason="QuotaExhausted"} > 0')).length > 0,
      90_000,
    );
  }

  /** The series of an expression as Grafana asks for it. Its `$__rate_interval` is four scrapes, or more. */
  const shown = (expression: string) => prometheus.range(expression.replaceAll('$__rate_interval', '20s'));

  it.each(targets)(
    'panel $title, $legendFormat → data with the labels of its legend',
    async ({ expr, legendFormat }) => {
      const series = await until(
        'the panel has data',
        async () => {
          const found = (await shown(expr)).filter(({ values }) => values.length > 0);
          return found.length > 0 && found;
        },
        30_000,
      );
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label as string);
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => (labels as string).split(', '));
      const missing = [...new Set([...named, ...grouped])].filter(
        (label) => label !== 'le' && !series.some(({ labels }) => labels[label] !== undefined),
      );
      expect(missing).toEqual([]);
      for (const { labels } of series) expect(Object.keys(labels)).toEqual(expect.arrayContaining(named));
    },
  );

  it('variables → the data source alone, which every query names', () => {
    expect(dashboard.templating.list.map(({ name, type, query }) => [name, type, query])).toEqual([
      ['datasource', 'datasource', 'prometheus'],
    ]);
    const used = [...JSON.stringify(dashboard.panels).matchAll(/\$\{?(\w+)\}?/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(['__rate_interval', 'datasource']));
  });

  it('alerts → loaded and evaluated without an error', async () => {
    const read = async () => {
      const { groups } = await prometheus.read<{
        groups: Array<{ rules: Array<{ name: string; health: string; lastError?: string; state: string }> }>;
      }>('/api/v1/rules');
      return groups.flatMap(({ rules }) => rules);
    };
    const rules = await read();
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError)).toEqual([]);
    for (const [alert, wanted] of [
      // Without a `for`, it fires at once.
      ['HoldpointUnknownOutcome', 'firing'],
      ['HoldpointRunsParked', 'pending'],
    ])
      await until(`${alert} is ${wanted}`, async () =>
        (await read()).some(({ name, state }) => name === alert && state === wanted),
      );
  });
});
