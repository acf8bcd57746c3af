import type { Environment } from '../src/config/environment.ts';
import { errorText } from '@holdpoint/process';
import { figures } from './goals.ts';
import type { Fact, Result } from './measurement.ts';
import { measurementsOf } from './measurements.ts';
import type { Scale } from './scale.ts';
import { openStage } from './stage/stage.ts';

/** All results, and the reasons for missing ones. */
export type BenchOutcome = {
  results: Result[];
  facts: Fact[];
  problems: string[];
  seconds: number;
  temporalVersion: string;
  /** Where Holdpoint's own databases were. */
  databases: string;
};

export type BenchRun = {
  scale: Scale;
  /** Ids of the figures wanted; empty: all. */
  only: readonly string[];
  temporal: string | undefined;
  /** Holdpoint's own databases on PostgreSQL. @default SQLite files */
  postgres?: boolean;
  /** Folder for state and logs. */
  folder: string;
  environment: Environment;
  /** Receives the current step, to show progress. */
  progress: (text: string) => void;
  /** Called with each resource that must be stopped, as it starts. */
  onStop: (stop: () => Promise<void>) => void;
};

/**
 * Runs one measurement after the other. A failed one is reported in the outcome, and the others still run. Logs are in
 * `folder`. @throws Error if the stage can't start.
 */
export async function runBench({
  scale,
  only,
  temporal,
  postgres = false,
  folder,
  environment,
  progress,
  onStop,
}: BenchRun): Promise<BenchOutcome> {
  const began = performance.now();
  progress('starting Temporal, review server and gateway');
  const stage = await openStage({ folder, environment, temporal, postgres, log: progress });
  onStop(() => stage.stop());
  const results: Result[] = [];
  const facts: Fact[] = [];
  const problems: string[] = [];
  const measurements = measurementsOf(scale);
  const wanted = measurements.filter(({ figures }) => only.length === 0 || figures.some((id) => only.includes(id)));
  for (const id of only)
    if (!measurements.some(({ figures }) => (figures as readonly string[]).includes(id)))
      problems.push(`${id}: this form of the benchmark does not measure it. --full measures most figures.`);
  for (const [index, measurement] of wanted.entries()) {
    try {
      const measured = await measurement.measure({
        stage,
        scale,
        progress: (text) => progress(`${index + 1}/${wanted.length} ${measurement.name}: ${text}`),
      });
      results.push(...measured.results);
      facts.push(...measured.facts);
    } catch (error) {
      problems.push(`${measurement.name}: ${errorText(error)}`);
    }
  }
  const { serverVersion } = await stage.client.workflowService.getSystemInfo({});
  progress('stopping');
  await stage.stop();
  return {
    temporalVersion: `${serverVersion}${temporal === undefined ? ', embedded and in memory' : ', a server of its own'}`,
    databases: postgres ? 'PostgreSQL' : 'SQLite files',
    problems,
    results: figures.flatMap(({ id }) => results.filter((result) => result.id === id)),
    facts,
    seconds: (performance.now() - began) / 1000,
  };
}
