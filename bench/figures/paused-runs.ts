import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile, spreadOf } from '../measure/spread.ts';
import { reconcileScheduleId } from '../../src/adapters/temporal/reconcile-schedule.ts';
import type { Fact, Measurement, Result } from '../measurement.ts';
import { mostPaused } from '../scale.ts';
import { beginRounds } from '../stage/rounds.ts';
import { terminateRuns } from '../stage/leave-nothing-behind.ts';
import { startDelayedRuns } from '../stage/delayed-runs.ts';
import { approveSilently, pauseRuns, signalDecided } from '../stage/runs.ts';
import type { Stage } from '../stage/stage.ts';
import { until } from '../../test/support/until.ts';
import { timed } from './latency.ts';

/** Runs per group: a group waits before the next one starts. */
const group = 200;
/** Runs that are paused by their worker. The others are delayed: they are open, and have never begun. */
const mostPausedByWorker = 1_000;
const longestLookMs = 10 * 60_000;
/** Looking more often would disturb what is measured. */
const lookAgainMs = 500;

/** Latency of a decision among many paused runs, and the time that a reconcile look takes among them. */
export const pausedRuns: Measurement = {
  name: 'decisions among many paused runs',
  figures: ['paused'],
  async measure(bench) {
    const { stage, scale, progress } = bench;
    const worker = await stage.startHoldpoint({ callbacks: 'held' });
    let waiting = 0;
    const among: Among[] = [];
    for (const paused of scale.paused) {
      while (waiting < Math.min(paused, mostPausedByWorker)) {
        const next = Math.min(group, paused - waiting, mostPausedByWorker - waiting);
        waiting += (await pauseRuns(stage, worker, next, 'act', { settleMs: 0 })).length;
        progress(`${waiting} of ${paused} runs wait`);
      }
      if (waiting < paused) {
        const onStarted = (started: number) => {
          if (started % 1_000 === 0) progress(`${started} of ${paused} runs wait`);
        };
        await startDelayedRuns(stage, worker, { first: waiting, end: paused, onStarted });
        waiting = paused;
      }
      const rounds: number[][] = [];
      for (let round = 1; round <= scale.rounds; round += 1) {
        const runs = await pauseRuns(stage, worker, scale.decisionsAmongPaused);
        await approveSilently(stage, runs);
        progress(`deciding among ${paused} paused runs, round ${round} of ${scale.rounds}`);
        const latencies: number[] = [];
        for (const run of runs) latencies.push(await timed(stage, run, signalDecided));
        rounds.push(latencies);
      }
      among.push({ paused, rounds });
    }
    const reviewServerMB = await stage.reviewServer.residentMB();
    progress('waiting for a reconcile look');
    const lookSeconds = await reconcileLook(stage, worker.taskQueue);
    await worker.stop();
    await terminateRuns(stage.client, worker.taskQueue);
    return {
      results: pausedResults(among, lookSeconds),
      facts: [
        ...among.flatMap(({ paused, rounds }) =>
          [0.5, 0.95, 0.99].map((share): Fact => ({
            topic: 'Signal → tool among paused runs',
            name: `${paused.toLocaleString('en')} paused`,
            column: `p${share * 100}`,
            unit: 'ms',
            value: quantile(rounds.flat(), share),
            spread: spreadOf(rounds.map((round) => quantile(round, share))),
          })),
        ),
        {
          topic: 'Memory of the servers',
          name: `review server, ${waiting.toLocaleString('en')} approvals wait`,
          unit: 'MB',
          value: reviewServerMB,
        },
        {
          topic: 'Reconcile',
          name: `first look among ${waiting.toLocaleString('en')} paused runs`,
          unit: 's',
          value: lookSeconds,
        },
      ],
    };
  },
};

/** Milliseconds of each decision of each round, among so many paused runs. */
type Among = { paused: number; rounds: number[][] };

/** The figure's row. None if fewer runs were paused than its goal names. */
export function pausedResults(among: readonly Among[], lookSeconds: number): Result[] {
  const [fewest] = among;
  const most = among.at(-1);
  if (fewest === undefined || most === undefined || most.paused < mostPaused) return [];
  const ratios = most.rounds.map((round, index) => median(round) / median(fewest.rounds[index] as number[]));
  return [
    {
      id: 'paused',
      values: { signal: median(most.rounds.flat()) / median(fewest.rounds.flat()), lookSeconds },
      spreads: { signal: spreadOf(ratios) },
    },
  ];
}

/** Seconds of the first reconcile look, by the server's clock. */
async function reconcileLook({ client }: Stage, taskQueue: string): Promise<number> {
  const from = Date.now();
  await beginRounds(client, taskQueue);
  const handle = client.schedule.getHandle(reconcileScheduleId(taskQueue));
  const began = await until('the first look', async () => {
    // Earlier ones were ended before their look.
    const started = (await handle.describe()).info.recentActions.find(({ takenAt }) => takenAt.getTime() >= from);
    return started?.action.type === 'startWorkflow' && started.action.workflow;
  });
  const events = async () =>
    (await client.workflow.getHandle(began.workflowId, began.firstExecutionRunId).fetchHistory()).events ?? [];
  const seconds = ({ eventTime }: { eventTime?: { seconds?: unknown; nanos?: number | null } | null }): number =>
    Number(eventTime?.seconds ?? 0) + Number(eventTime?.nanos ?? 0) / 1e9;
  return await until(
    'its end',
    async () => {
      await sleep(lookAgainMs);
      const all = await events();
      const [scheduled, completed] = [
        all.find(({ activityTaskScheduledEventAttributes: it }) => it),
        all.find(({ activityTaskCompletedEventAttributes: it }) => it),
      ];
      return scheduled !== undefined && completed !== undefined && seconds(completed) - seconds(scheduled);
    },
    longestLookMs,
  );
}
