import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasProgram } from '../support/has-program.ts';
import { documentNamed, root, tableRows } from './documents.ts';

const folder = join(root, 'deploy/observability');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

type Alert = { alert: string; expr: string; annotations: { summary: string; runbook: string } };
type Case = { alert_rule_test: Array<{ alertname: string; exp_alerts: unknown[] }> };
type Panel = { title: string; targets?: Array<{ expr: string }> };

const alerts = (parse(read('alerts.yml')) as { groups: Array<{ rules: Alert[] }> }).groups.flatMap(
  ({ rules }) => rules,
);
const cases = (parse(read('alerts.test.yml')) as { tests: Case[] }).tests.flatMap((each) => each.alert_rule_test);
const { panels } = JSON.parse(read('dashboard.json')) as { panels: Panel[] };
const documented = tableRows(documentNamed('docs/observability.md')).flatMap(([name, type]) =>
  name?.startsWith('`holdpoint_') ? [{ name: name.slice(1, -1), type }] : [],
);
/** Series of the documented metrics, as queries name them. */
const series = new Set(
  documented.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => name + end) : [name],
  ),
);
const hasPromtool = hasProgram('promtool');

const unknownIn = (expr: string) =>
  [...expr.matchAll(/\bholdpoint_\w+/g)].map(([name]) => name).filter((name) => !series.has(name));

describe('alerts', () => {
  it.runIf(hasPromtool)(
    'promtool → valid, and each fires and stays quiet as its cases say',
    { timeout: 60_000 },
    () => {
      const run = (...args: string[]) => execFileSync('promtool', args, { cwd: folder, encoding: 'utf8' });
      expect(run('check', 'rules', 'alerts.yml')).toContain(`${alerts.length} rules found`);
      expect(run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
    },
  );

  it('each alert → a case in which it fires and one in which it does not', () => {
    for (const { alert } of alerts) {
      const own = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts: fires }) => fires.length > 0);
      expect([alert, own.length, new Set(own)]).toEqual([alert, 2, new Set([false, true])]);
    }
  });

  it('each alert → its runbook, and no runbook without an alert', () => {
    const sections = [...documentNamed('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, annotations } of alerts)
      expect(annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
  });

  it('alerts and dashboard → only metrics that the processes print', () => {
    // One alert finds two metrics by a pattern.
    expect(alerts.filter(({ expr }) => !expr.includes('__name__')).flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
    expect(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => unknownIn(expr)))).toEqual([]);
  });

  it('dashboard → each documented metric is shown, but for those of webhooks and watchers', () => {
    const shown = JSON.stringify(panels);
    const missing = documented.filter(({ name }) => !shown.includes(name)).map(({ name }) => name);
    expect(missing).toEqual([
      'holdpoint_worker_approval_requests_total',
      'holdpoint_worker_reconcile_reads_total',
      'holdpoint_gateway_webhooks_total',
      'holdpoint_gateway_watchers',
    ]);
  });
});
