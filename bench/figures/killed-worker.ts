import { median, spreadOf } from '../measure/spread.ts';
import type { Bench, Fact, Measurement } from '../measurement.ts';
import { approveSilently, pauseRuns, signalDecided, type PausedRun } from '../stage/runs.ts';
import type { BenchWorker } from '../stage/start-worker.ts';

/** Seconds, one item per lost worker. */
type Taken = { whileDown: number[]; onceUp: number[]; started: number[] };

/**
 * The only worker stops while runs wait. One run is decided while no worker runs, another when the next worker is up. After
 * kill -9 the second one waits until Temporal gives up the dead worker's sticky queue.
 */
export const killedWorker: Measurement = {
  name: 'the only worker goes',
  figures: ['killed'],
  async measure(bench) {
    const killed = await replaceWorker(bench, 'kill -9', (worker) => worker.kill());
    const stopped = await replaceWorker(bench, 'SIGTERM', (worker) => worker.stop());
    const slower = median(killed.onceUp) > median(killed.whileDown) ? killed.onceUp : killed.whileDown;
    return {
      results: [{ id: 'killed', values: { '': median(slower) }, spreads: { '': spreadOf(slower) } }],
      facts: [
        ...factsOf('kill -9', killed),
        ...factsOf('SIGTERM', stopped),
        { topic: 'Start', name: 'worker process until it asks for tasks', unit: 's', ...middle(killed.started) },
      ],
    };
  },
};

async function replaceWorker(
  { stage, scale, progress }: Bench,
  how: string,
  end: (worker: BenchWorker) => Promise<void>,
): Promise<Taken> {
  let worker = await stage.startHoldpoint({ callbacks: 'held' });
  const runs = await pauseRuns(stage, worker, 2 * scale.kills);
  await approveSilently(stage, runs);
  const taken: Taken = { whileDown: [], onceUp: [], started: [] };
  for (let round = 0; round < scale.kills; round += 1) {
    progress(`${how}, ${round + 1} of ${scale.kills}`);
    await end(worker);
    const [one, other] = runs.slice(2 * round) as [PausedRun, PausedRun];
    await signalDecided(stage, one);
    const from = performance.now();
    worker = await stage.startHoldpoint({ callbacks: 'held', taskQueue: worker.taskQueue });
    taken.started.push((performance.now() - from) / 1000);
    await signalDecided(stage, other);
    for (const [run, list] of [
      [one, taken.whileDown],
      [other, taken.onceUp],
    ] as const)
      list.push(((await stage.firstLines.of(run.item)) - worker.upAt) / 1000);
  }
  await worker.stop();
  return taken;
}

function factsOf(how: string, { whileDown, onceUp }: Taken): Fact[] {
  const fact = { topic: 'The only worker goes: new worker up → tool', name: `after ${how}`, unit: 's' };
  return [
    { ...fact, column: 'decided while there was none', ...middle(whileDown) },
    { ...fact, column: 'decided once it was up', ...middle(onceUp) },
  ];
}

function middle(values: readonly number[]): Pick<Fact, 'value' | 'spread'> {
  return { value: median(values), spread: spreadOf(values) };
}
