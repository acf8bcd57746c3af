import { machineMs } from '../measure/clock.ts';
import {
  approve,
  approveSilently,
  ended,
  passCallback,
  pauseFloor,
  pauseRuns,
  signalDecided,
  signalFloor,
  type PausedRun,
} from '../stage/runs.ts';
import type { Stage } from '../stage/stage.ts';

/** Start of the measured time, and the kind of run. */
export const variants = ['floor', 'signal', 'callback', 'click', 'once', 'evicted'] as const;
export type Variant = (typeof variants)[number];

/** Milliseconds to the tool's first line, one list per round. */
export type Latencies = Record<Variant, number[][]>;

export type LatencyOptions = { rounds: number; perRound: number; progress: (text: string) => void };

/**
 * One decision after the other. Variants alternate, so that disturbances of the machine affect all of them alike. The next
 * decision is made when the run of the previous one has ended.
 */
export async function measureLatencies(
  stage: Stage,
  { rounds, perRound, progress }: LatencyOptions,
): Promise<Latencies> {
  const [floor, held, called, forgetful] = await Promise.all([
    stage.startFloor(),
    stage.startHoldpoint({ callbacks: 'held' }),
    stage.startHoldpoint({ callbacks: 'gateway' }),
    // The smallest cache: the next run evicts the previous one.
    stage.startHoldpoint({ callbacks: 'held', maxCachedRuns: 1 }),
  ]);
  const latencies = Object.fromEntries(variants.map((variant) => [variant, [] as number[][]])) as Latencies;

  for (let round = 0; round <= rounds; round += 1) {
    const warmsUp = round === 0;
    const count = warmsUp ? Math.min(5, perRound) : perRound;
    progress(warmsUp ? 'warming up' : `round ${round} of ${rounds}: pausing ${count * variants.length} runs`);
    const [floorItems, signal, callback, once, click, evicted] = await Promise.all([
      pauseFloor(stage, floor, count),
      pauseRuns(stage, held, count),
      pauseRuns(stage, held, count),
      pauseRuns(stage, held, count, 'act_once'),
      pauseRuns(stage, called, count),
      pauseRuns(stage, forgetful, count),
    ]);
    await approveSilently(stage, [...signal, ...callback, ...once, ...evicted]);
    progress(warmsUp ? 'warming up' : `round ${round} of ${rounds}: deciding one after the other`);
    const paused = {
      floor: floorItems.map((item) => ({ item, approvalId: '' })),
      signal,
      callback,
      once,
      click,
      evicted,
    };
    const taken = Object.fromEntries(variants.map((variant) => [variant, [] as number[]])) as Record<Variant, number[]>;
    for (let turn = 0; turn < count; turn += 1) {
      for (const variant of variants)
        taken[variant].push(await timed(stage, paused[variant][turn] as PausedRun, decide[variant]));
    }
    if (!warmsUp) for (const variant of variants) latencies[variant].push(taken[variant]);
  }
  await Promise.all([floor, held, called, forgetful].map((worker) => worker.stop()));
  return latencies;
}

const decide: Record<Variant, (stage: Stage, run: PausedRun) => Promise<void>> = {
  floor: (stage, { item }) => signalFloor(stage, item),
  signal: signalDecided,
  callback: passCallback,
  click: approve,
  once: signalDecided,
  evicted: signalDecided,
};

/** Milliseconds from just before `act` to the first line of the run's tool. */
export async function timed(
  stage: Stage,
  run: PausedRun,
  act: (stage: Stage, run: PausedRun) => Promise<void>,
): Promise<number> {
  const from = machineMs();
  await act(stage, run);
  const at = await stage.firstLines.of(run.item);
  await ended(stage, run.item);
  return at - from;
}
