import { mean, tTestTwoSample } from 'simple-statistics';
import type { Bench } from '../measurement.ts';
import { terminateRuns } from '../stage/leave-nothing-behind.ts';
import { ended, pauseRuns, startRun } from '../stage/runs.ts';
import type { BenchWorker } from '../stage/start-worker.ts';

/** Runs before the first memory measurement: the first ones load and compile code. */
const warmUpRuns = 20;
/** Workers started with waiting runs, and without. */
const starts = 3;
/** Threshold of Student's t with 2 × 3 - 2 degrees of freedom at 5 %. */
const criticalT = 2.776;

/** Memory of workers in MB, and the share of waiting runs. */
export type Memory = {
  waiting: number;
  perCached: number;
  perEvicted: number;
  /** Growth of the process by starting and keeping the runs, and by starting and evicting as many. */
  grown: { cached: number; evicted: number };
  /** Fresh workers without and with waiting runs. */
  fresh: { without: number; beside: number };
};

/**
 * Cached: growth of a worker's heap per waiting run, without the garbage of starting them. Evicted: workers started while
 * runs wait, compared with workers without waiting runs. A difference below the threshold counts as 0.
 */
export async function measureMemory(bench: Bench): Promise<Memory> {
  const waiting = bench.scale.memoryRuns;
  const cached = await growth(bench, waiting + warmUpRuns);
  const evicted = await growth(bench, warmUpRuns);
  const without = await freshWorkers(bench);
  const beside = await freshWorkers(bench, evicted.taskQueue);
  bench.progress('ending the runs');
  for (const { taskQueue } of [cached, evicted]) await terminateRuns(bench.stage.client, taskQueue);
  const isChance = Math.abs(tTestTwoSample(beside, without) ?? 0) < criticalT;
  return {
    waiting,
    perCached: cached.heldMB / waiting,
    perEvicted: isChance ? 0 : Math.max(0, (mean(beside) - mean(without)) / waiting),
    grown: { cached: cached.residentMB, evicted: evicted.residentMB },
    fresh: { without: mean(without), beside: mean(beside) },
  };
}

async function growth(
  { stage, scale, progress }: Bench,
  maxCachedRuns: number,
): Promise<{ taskQueue: string; heldMB: number; residentMB: number }> {
  progress(`${scale.memoryRuns} waiting runs, ${Math.min(maxCachedRuns, scale.memoryRuns)} of them cached`);
  const worker = await stage.startHoldpoint({ callbacks: 'held', maxCachedRuns });
  await warmUp(stage, worker);
  const before = await worker.memory();
  await pauseRuns(stage, worker, scale.memoryRuns / 2);
  const halfWay = await worker.memory();
  await pauseRuns(stage, worker, scale.memoryRuns / 2);
  const after = await worker.memory();
  await worker.stop();
  // The first half includes code that a worker loads once.
  return {
    taskQueue: worker.taskQueue,
    heldMB: 2 * (after.heldMB - halfWay.heldMB),
    residentMB: after.residentMB - before.residentMB,
  };
}

async function freshWorkers({ stage, progress }: Bench, taskQueue?: string): Promise<number[]> {
  const memory: number[] = [];
  for (let start = 1; start <= starts; start += 1) {
    progress(`${taskQueue === undefined ? 'without' : 'beside'} waiting runs: worker ${start} of ${starts}`);
    const worker = await stage.startHoldpoint({ callbacks: 'held', ...(taskQueue === undefined ? {} : { taskQueue }) });
    await warmUp(stage, worker);
    memory.push((await worker.memory()).residentMB);
    await worker.stop();
  }
  return memory;
}

async function warmUp(stage: Bench['stage'], worker: BenchWorker): Promise<void> {
  const items = await Promise.all(Array.from({ length: warmUpRuns }, () => startRun(stage, worker, 'act_freely')));
  await Promise.all(items.map((item) => ended(stage, item)));
}
