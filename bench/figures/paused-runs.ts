import { median, quantile, spreadOf } from '../measure/spread.ts';
import type { Measurement } from '../measurement.ts';
import { approveSilently, pauseRuns, signalDecided } from '../stage/runs.ts';
import { timed } from './latency.ts';

/** Whether a decision takes longer where many other runs wait. */
export const pausedRuns: Measurement = {
  name: 'decisions among many paused runs',
  figures: ['paused'],
  async measure({ stage, scale, progress }) {
    const worker = await stage.startHoldpoint({ callbacks: 'held' });
    const among: Array<{ paused: number; latencies: number[] }> = [];
    let waiting = 0;
    for (const paused of scale.paused) {
      // They stay where they are: nobody decides them.
      const missing = paused - waiting;
      await pauseRuns(stage, worker, missing, 'act', { onStarted: (started) => started % 100 === 0 && progress(`${waiting + started} of ${paused} runs are started`) });
      waiting = paused;
      const runs = await pauseRuns(stage, worker, scale.decisionsAmongPaused);
      await approveSilently(stage, runs);
      progress(`deciding among ${paused} paused runs`);
      const latencies: number[] = [];
      for (const run of runs) latencies.push(await timed(stage, run, signalDecided));
      among.push({ paused, latencies });
    }
    await worker.stop();
    const [fewest] = among;
    const most = among.at(-1);
    return {
      results: fewest === undefined || most === undefined ? [] : [{ id: 'paused', values: { '': median(most.latencies) / median(fewest.latencies) } }],
      facts: among.flatMap(({ paused, latencies }) => [0.5, 0.95, 0.99].map((share) => ({
        topic: 'Among paused runs', name: `Signal → tool with ${paused} paused, p${share * 100}`, unit: 'ms', value: quantile(latencies, share), spread: spreadOf(latencies),
      }))),
    };
  },
};
