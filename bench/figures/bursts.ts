import { machineMs } from '../measure/clock.ts';
import { quantile, spreadOf } from '../measure/spread.ts';
import type { Bench, Fact, Measurement, Result } from '../measurement.ts';
import { approve, approveSilently, ended, pauseFloor, pauseRuns, signalDecided, signalFloor } from '../stage/runs.ts';
import type { BenchWorker } from '../stage/start-worker.ts';

const variants = ['floor', 'signals', 'clicks'] as const;
type Variant = (typeof variants)[number];

const names: Record<Variant, string> = {
  floor: 'the bare floor, which goes on after its Activity: Signals',
  signals: 'Signals',
  clicks: "reviewers' clicks",
};

/** Many decisions at the same moment, to the first line of each tool. The variants take turns in another order each round. */
export const bursts: Measurement = {
  name: 'decided all at once',
  figures: ['burst', 'burst-of-100'],
  async measure(bench) {
    const { stage, scale, progress } = bench;
    const [floor, held, called] = await Promise.all([
      stage.startFloor(),
      stage.startHoldpoint({ callbacks: 'held' }),
      stage.startHoldpoint({ callbacks: 'gateway' }),
    ]);
    const results: Result[] = [];
    const facts: Fact[] = [];
    for (const count of scale.bursts) {
      const taken: Record<Variant, number[][]> = { floor: [], signals: [], clicks: [] };
      // Round 0 warms up.
      for (let round = 0; round <= scale.burstRounds; round += 1) {
        progress(`${count} at once, ${round === 0 ? 'warming up' : `round ${round} of ${scale.burstRounds}`}`);
        for (let turn = 0; turn < variants.length; turn += 1) {
          const variant = variants[(turn + round) % variants.length] as Variant;
          const moments = await burst(bench, variant, { floor, signals: held, clicks: called }[variant], count);
          if (round > 0) taken[variant].push(moments);
        }
      }
      const ratio = (variant: Variant) => ({
        value: quantile(taken[variant].flat(), 0.5) / quantile(taken.floor.flat(), 0.5),
        spread: spreadOf(
          taken[variant].map((round, index) => quantile(round, 0.5) / quantile(taken.floor[index] as number[], 0.5)),
        ),
      });
      const [signals, clicks] = [ratio('signals'), ratio('clicks')];
      if (count === 20)
        results.push({
          id: 'burst',
          values: { signals: signals.value, clicks: clicks.value },
          spreads: { signals: signals.spread, clicks: clicks.spread },
        });
      if (count === 100)
        results.push({ id: 'burst-of-100', values: { '': clicks.value }, spreads: { '': clicks.spread } });
      for (const variant of variants)
        for (const share of [0.5, 0.99])
          facts.push({
            topic: `${count} decided at once, to the tool's first line`,
            name: names[variant],
            column: `p${share * 100}`,
            unit: 'ms',
            value: quantile(taken[variant].flat(), share),
            spread: spreadOf(taken[variant].map((round) => quantile(round, share))),
          });
    }
    await Promise.all([floor, held, called].map((worker) => worker.stop()));
    return { results, facts };
  },
};

/** Milliseconds of each decision to its first line. */
async function burst({ stage }: Bench, variant: Variant, worker: BenchWorker, count: number): Promise<number[]> {
  const paused =
    variant === 'floor'
      ? (await pauseFloor(stage, worker, count, { after: 1 })).map((item) => ({ item, approvalId: '' }))
      : await pauseRuns(stage, worker, count);
  if (variant === 'signals') await approveSilently(stage, paused);
  const moments = await Promise.all(
    paused.map(async (run) => {
      const from = machineMs();
      if (variant === 'floor') await signalFloor(stage, run.item);
      else await (variant === 'signals' ? signalDecided : approve)(stage, run);
      return (await stage.firstLines.of(run.item)) - from;
    }),
  );
  await Promise.all(paused.map(({ item }) => ended(stage, item)));
  return moments;
}
