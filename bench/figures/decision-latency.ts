import type { Fact, Measurement, Result } from '../measurement.ts';
import { quantile, spreadOf } from '../measure/spread.ts';
import { dispatchesEagerly } from '../stage/eager-dispatch.ts';
import { measureLatencies, variants, type Latencies, type Variant } from './latency.ts';

const names: Record<Variant, string> = {
  floor: 'the bare floor: Signal → Activity',
  signal: 'Signal → tool',
  callback: 'callback at the gateway → tool',
  click: "reviewer's click → tool",
  once: 'Signal → `at-most-once` tool',
  evicted: 'Signal → tool of an evicted run',
};

/** Time from a decision to the tool's first line, for each variant and the floor. */
export const decisionLatency: Measurement = {
  name: "from a decision to the tool's first line",
  figures: ['signal', 'signal-postgres', 'click', 'click-postgres', 'click-postgres-eager', 'once', 'evicted'],
  async measure({ stage, scale, progress }) {
    const latencies = await measureLatencies(stage, { rounds: scale.rounds, perRound: scale.decisions, progress });
    const isEager = await dispatchesEagerly(stage);
    const decided: Result[] =
      stage.databases === 'sqlite'
        ? [
            { id: 'signal', ...ratios(latencies, 'signal', 'floor', { p50: 0.5, p99: 0.99 }) },
            { id: 'click', ...ratios(latencies, 'click', 'floor', { '': 0.5 }) },
          ]
        : [
            { id: 'signal-postgres', ...ratios(latencies, 'signal', 'floor', { '': 0.5 }) },
            {
              id: isEager ? 'click-postgres-eager' : 'click-postgres',
              ...ratios(latencies, 'click', 'floor', { '': 0.5 }),
            },
          ];
    const results: Result[] = [
      ...decided,
      { id: 'once', ...ratios(latencies, 'once', 'signal', { '': 0.5 }) },
      { id: 'evicted', ...ratios(latencies, 'evicted', 'signal', { '': 0.5 }) },
    ];
    return {
      results,
      facts: [
        ...variants.flatMap((variant) => factsOf(names[variant], latencies[variant])),
        {
          topic: 'Server',
          name: 'Activities are dispatched eagerly (1: yes)',
          unit: '',
          value: isEager ? 1 : 0,
        },
      ],
    };
  },
};

/** The value over all rounds, and its spread per round. */
function ratios(
  latencies: Latencies,
  of: Variant,
  to: Variant,
  shares: Record<string, number>,
): Pick<Result, 'values' | 'spreads'> {
  const each = Object.entries(shares).map(([name, share]) => ({
    name,
    value: quantile(latencies[of].flat(), share) / quantile(latencies[to].flat(), share),
    spread: spreadOf(
      latencies[of].map((round, index) => quantile(round, share) / quantile(latencies[to][index] as number[], share)),
    ),
  }));
  return {
    values: Object.fromEntries(each.map(({ name, value }) => [name, value])),
    spreads: Object.fromEntries(each.map(({ name, spread }) => [name, spread])),
  };
}

function factsOf(name: string, rounds: readonly number[][]): Fact[] {
  return [0.5, 0.95, 0.99].map((share) => ({
    topic: 'Decision to first line',
    name,
    column: `p${share * 100}`,
    unit: 'ms',
    value: quantile(rounds.flat(), share),
    spread: spreadOf(rounds.map((round) => quantile(round, share))),
  }));
}
