import { setTimeout as sleep } from 'node:timers/promises';
import { terminateRuns } from '../stage/leave-nothing-behind.ts';
import { pauseRuns } from '../stage/runs.ts';
import type { Stage } from '../stage/stage.ts';

/** Runs that wait while everything else is measured. */
export type WatchedRuns = {
  /** Events that the run which got most has got since, per minute. Waits until `watchMs` are over. */
  eventsPerMinute(watchMs: number): Promise<number>;
};

/** Lets a few runs wait, with and without a deadline, and remembers how long their histories are. */
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
