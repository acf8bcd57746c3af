import { setTimeout as sleep } from 'node:timers/promises';
import { terminateRuns } from '../stage/leave-nothing-behind.ts';
import { pauseRuns } from '../stage/runs.ts';
import type { Stage } from '../stage/stage.ts';

/** Runs that wait during all other measurements. */
export type WatchedRuns = {
  /** Highest number of new events per minute of any run. Waits until `watchMs` are over. */
  eventsPerMinute(watchMs: number): Promise<number>;
};

/** Starts a few waiting runs, with and without a deadline, and records the length of their histories. */
export async function watchWaitingRuns(stage: Stage): Promise<WatchedRuns> {
  const worker = await stage.startHoldpoint({ callbacks: 'held' });
  const runs = [...(await pauseRuns(stage, worker, 3)), ...(await pauseRuns(stage, worker, 3, 'act_in_time'))];
  const lengths = () =>
    Promise.all(runs.map(async ({ item }) => (await stage.client.workflow.getHandle(item).describe()).historyLength));
  const before = await lengths();
  const from = performance.now();
  return {
    async eventsPerMinute(watchMs) {
      await sleep(Math.max(0, from + watchMs - performance.now()));
      const minutes = (performance.now() - from) / 60_000;
      const after = await lengths();
      await terminateRuns(stage.client, worker.taskQueue);
      await worker.stop();
      return Math.max(...after.map((length, run) => length - (before[run] as number))) / minutes;
    },
  };
}
