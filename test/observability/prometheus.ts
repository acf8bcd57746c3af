import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/embedded/free-port.ts';
import { parse, stringify } from 'yaml';
import { root } from '../docs/documents.ts';
import { hasProgram } from '../support/has-program.ts';
import { until } from '../support/until.ts';

/** The files for an operator's Prometheus and Grafana. */
export const deployed = join(root, 'deploy/observability');
export const hasPrometheus = hasProgram('prometheus');

/** One series of an answer. `values`: in the order of time, gaps left out. */
export type Series = { labels: Record<string, string>; values: number[] };

export type Prometheus = {
  /** The expression over the whole time since the start, second by second. @throws Error with Prometheus' own words. */
  range(expression: string): Promise<Series[]>;
  /** Data of another path of its API. */
  read<T>(path: string): Promise<T>;
  stop(): Promise<void>;
};

type ScrapeConfig = { job_name: string; static_configs: Array<{ targets: string[] }> };

/** Debian's Prometheus with our configuration and alerts. `targets`: host and port for each job. */
export async function startPrometheus(folder: string, targets: Record<string, string>): Promise<Prometheus> {
  mkdirSync(folder, { recursive: true });
  const config = parse(readFileSync(join(deployed, 'prometheus.yml'), 'utf8')) as { scrape_configs: ScrapeConfig[] };
  const jobs = config.scrape_configs.map(({ job_name: job, ...rest }) => {
    const target = targets[job];
    if (target === undefined) throw new Error(`There is no target for ${job}.`);
    return { ...rest, job_name: job, static_configs: [{ targets: [target] }] };
  });
  writeFileSync(
    join(folder, 'prometheus.yml'),
    stringify({
      ...config,
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      scrape_configs: jobs,
    }),
  );
  copyFileSync(join(deployed, 'alerts.yml'), join(folder, 'alerts.yml'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const begun = Date.now() / 1000;
  const read = async <T>(path: string): Promise<T> => {
    const answer = (await (await fetch(`${url}${path}`)).json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  };
  await until('Prometheus is ready', async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok, 60_000);
  return {
    read,
    async range(expression) {
      const query = new URLSearchParams({
        query: expression,
        start: String(begun),
        end: String(Date.now() / 1000),
        step: '1',
      });
      const { result } = await read<{
        result: Array<{ metric: Record<string, string>; values: Array<[number, string]> }>;
      }>(`/api/v1/query_range?${query.toString()}`);
      return result.map(({ metric, values }) => ({
        labels: metric,
        values: values.map(([, value]) => Number(value)).filter((value) => Number.isFinite(value)),
      }));
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
