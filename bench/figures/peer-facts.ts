import { quantile } from '../measure/spread.ts';
import type { Fact } from '../measurement.ts';
import type { Act } from './acts.ts';

/** Runs in flight, as in the peers' published numbers. */
export const peerWidth = 20;

/** How long a system is observed after a kill, in milliseconds. */
export const recoveryMs = 60_000;

/** Speed of one system. Latencies in milliseconds, from the decision to the tool's first line. */
export type Speed = {
  alone: number[];
  together: number[];
  pausedPerSecond: number;
  decidedPerSecond: number;
  memoryMB: number;
};

/** Results after kill -9, and the seconds from the kill until all had acted. */
export type AfterKill = { runs: number; lost: number; twice: number; seconds: number };

export function speedFacts(
  name: string,
  { alone, together, pausedPerSecond, decidedPerSecond, memoryMB }: Speed,
): Fact[] {
  const latency = { topic: 'Peers: decision → tool', name, unit: 'ms' };
  return [
    ...[0.5, 0.99].map((share) => ({
      ...latency,
      column: `one at a time, p${share * 100}`,
      value: quantile(alone, share),
    })),
    ...[0.5, 0.99].map((share) => ({
      ...latency,
      column: `${peerWidth} at a time, p${share * 100}`,
      value: quantile(together, share),
    })),
    { topic: 'Peers: throughput', name, column: 'paused', unit: '1/s', value: pausedPerSecond },
    { topic: 'Peers: throughput', name, column: 'decided and ended', unit: '1/s', value: decidedPerSecond },
    { topic: 'Peers: memory of the process for a waiting run', name, unit: 'MB', value: memoryMB },
  ];
}

export function afterKillFacts(name: string, { runs, lost, twice, seconds }: AfterKill): Fact[] {
  const topic = `Peers: ${runs} runs, each approved by two clicks at once, and kill -9 while tools run`;
  return [
    { topic, name, column: 'never acted', unit: '', value: lost },
    { topic, name, column: 'acted twice', unit: '', value: twice },
    ...(lost > 0 ? [] : [{ topic, name, column: 'kill → all have acted', unit: 's', value: seconds }]),
  ];
}

export function countActs(items: readonly string[], acts: readonly Act[]): Omit<AfterKill, 'seconds'> {
  const counted = Map.groupBy(acts, ({ item }) => item);
  return {
    runs: items.length,
    lost: items.filter((item) => !counted.has(item)).length,
    twice: [...counted.values()].filter((each) => each.length > 1).length,
  };
}
