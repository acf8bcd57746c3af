import { median, spreadOf } from '../measure/spread.ts';
import type { Measurement } from '../measurement.ts';
import { approveSilently, pauseRuns, signalDecided, type PausedRun } from '../stage/runs.ts';

/**
 * kill -9 of the only worker while runs wait. One run hears of its decision while there is no worker, another in the
 * moment the next worker is up: that one waits for Temporal to give up the dead worker's own queue.
 */
export const killedWorker: Measurement = {
  name: 'kill -9 of the only worker',
  figures: ['killed'],
  async measure({ stage, scale, progress }) {
    let worker = await stage.startHoldpoint({ callbacks: 'held' });
    const runs = await pauseRuns(stage, worker, 2 * scale.kills);
    await approveSilently(stage, runs);
    const seconds = { whileDown: [] as number[], onceUp: [] as number[] };
    const started: number[] = [];
    for (let kill = 0; kill < scale.kills; kill += 1) {
      progress(`kill ${kill + 1} of ${scale.kills}`);
      await worker.kill();
      const [one, other] = runs.slice(2 * kill) as [PausedRun, PausedRun];
      await signalDecided(stage, one);
      const from = performance.now();
      worker = await stage.startHoldpoint({ callbacks: 'held', taskQueue: worker.taskQueue });
      started.push((performance.now() - from) / 1000);
      await signalDecided(stage, other);
      for (const [run, list] of [[one, seconds.whileDown], [other, seconds.onceUp]] as const) list.push((await stage.firstLines.of(run.item) - worker.upAt) / 1000);
    }
    await worker.stop();
    const slower = median(seconds.onceUp) > median(seconds.whileDown) ? seconds.onceUp : seconds.whileDown;
    const topic = 'After kill -9 of the only worker';
    return {
      results: [{ id: 'killed', values: { '': median(slower) }, spreads: { '': spreadOf(slower) } }],
      facts: [
        { topic, name: 'new worker up → tool, decided while there was none', unit: 's', value: median(seconds.whileDown), spread: spreadOf(seconds.whileDown) },
        { topic, name: 'new worker up → tool, decided in that moment', unit: 's', value: median(seconds.onceUp), spread: spreadOf(seconds.onceUp) },
        { topic, name: 'start of a worker process until it asks for tasks', unit: 's', value: median(started), spread: spreadOf(started) },
      ],
    };
  },
};
