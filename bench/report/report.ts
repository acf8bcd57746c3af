import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BenchOutcome } from '../run-bench.ts';

/** The quick form measures with the embedded Temporal, the full form with a separate Temporal server. */
export type Form = 'quick' | 'full';

/** Results of one benchmark run, and the machine and versions. */
export type Report = BenchOutcome & {
  /** ISO 8601. */
  at: string;
  commit: string;
  machine: string;
  /** Versions of the programs involved. */
  versions: Record<string, string>;
};

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @param withPeers the versions of the peers are in the report too */
export function makeReport(outcome: BenchOutcome, { withPeers = false } = {}): Report {
  const [cpu] = cpus();
  const linux = platform() === 'linux' ? 'Linux' : platform();
  return {
    at: new Date().toISOString(),
    commit: commit(),
    machine: `${availableParallelism()} cores of ${cpu?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 1e9)} GB, ${linux} ${release().split('.').slice(0, 2).join('.')}`,
    versions: {
      Temporal: outcome.temporalVersion,
      "Holdpoint's databases:": outcome.databases,
      Node: process.versions.node,
      SQLite: process.versions.sqlite ?? '',
      ...packages('package.json', ['@temporalio/worker']),
      ...(withPeers && packages('bench/peers/package.json')),
    },
    ...outcome,
  };
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', 'src', 'bench') === '' ? '' : ', changed'}`;
  } catch {
    return 'unknown';
  }
}

function packages(file: string, only?: readonly string[]): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(`${root}${file}`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => only?.includes(name) ?? true));
}

/** The reports of a form with a newer one. Each figure and each topic stays in the newest report that has it. */
export function withNewer(newer: Report, earlier: readonly Report[]): Report[] {
  const figures = new Set(newer.results.map(({ id }) => id));
  const topics = new Set(newer.facts.map(({ topic }) => topic));
  const kept = earlier.map((report) => ({
    ...report,
    results: report.results.filter(({ id }) => !figures.has(id)),
    facts: report.facts.filter(({ topic }) => !topics.has(topic)),
  }));
  return [newer, ...kept.filter(({ results, facts }) => results.length + facts.length > 0)];
}
