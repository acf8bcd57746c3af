import { machineMs } from '../measure/clock.ts';
import { inFlight } from '../measure/in-flight.ts';
import { median, quantile, spreadOf } from '../measure/spread.ts';
import type { Bench, Fact, Measurement } from '../measurement.ts';
import { approve, approveSilently, ended, pauseRuns, signalDecided, type PausedRun } from '../stage/runs.ts';
import type { BenchWorker } from '../stage/start-worker.ts';
import { timed } from './latency.ts';

/** Runs per group: a group waits before the next one starts. */
const group = 200;
/** Decisions in flight while all runs are decided. */
const width = 32;
/** Limit for the last of them, in milliseconds. */
const recoveryMs = 60 * 60_000;

/** Latency of a decision among many paused runs. Then kill -9 of every Holdpoint process, and a decision for every run. */
export const pausedRuns: Measurement = {
  name: 'decisions among many paused runs',
  figures: ['paused'],
  async measure(bench) {
    const { stage, scale, progress } = bench;
    const worker = await stage.startHoldpoint({ callbacks: 'held' });
    const crowd: PausedRun[] = [];
    const among: Array<{ paused: number; rounds: number[][] }> = [];
    for (const paused of scale.paused) {
      while (crowd.length < paused) {
        crowd.push(...(await pauseRuns(stage, worker, Math.min(group, paused - crowd.length), 'act', { settleMs: 0 })));
        progress(`${crowd.length} of ${paused} runs wait`);
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
    const recovery = await recover(bench, worker, crowd);
    const [fewest] = among;
    const most = among.at(-1);
    return {
      results:
        fewest === undefined || most === undefined
          ? []
          : [
              {
                id: 'paused',
                values: { '': median(most.rounds.flat()) / median(fewest.rounds.flat()) },
                spreads: {
                  '': spreadOf(
                    most.rounds.map((round, index) => median(round) / median(fewest.rounds[index] as number[])),
                  ),
                },
              },
            ],
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
          name: `review server, ${crowd.length.toLocaleString('en')} approvals wait`,
          unit: 'MB',
          value: reviewServerMB,
        },
        ...recovery,
      ],
    };
  },
};

/** Kills worker, gateway and review server at once, starts them again, and approves every paused run. */
async function recover({ stage, progress }: Bench, worker: BenchWorker, crowd: readonly PausedRun[]): Promise<Fact[]> {
  progress('kill -9 of worker, gateway and review server');
  await Promise.all([worker.kill(), stage.gateway.kill(), stage.reviewServer.kill()]);
  const holdAgain = stage.relay.passOnTo(stage.gateway.url);
  const from = machineMs();
  await Promise.all([stage.reviewServer.restart(), stage.gateway.restart()]);
  const successor = await stage.startHoldpoint({ callbacks: 'held', taskQueue: worker.taskQueue });
  const up = machineMs();
  let decided = 0;
  const approving = inFlight(crowd, width, async (run) => {
    await approve(stage, run);
    if ((decided += 1) % group === 0) progress(`${decided} of ${crowd.length} runs are decided`);
  });
  const moments = await Promise.all(crowd.map(({ item }) => stage.firstLines.of(item, recoveryMs)));
  await approving;
  progress('waiting for the runs to end');
  await Promise.all(crowd.map(({ item }) => ended(stage, item)));
  await successor.stop();
  holdAgain();
  const seconds = (ms: number) => ms / 1000;
  const first = moments.reduce((one, other) => Math.min(one, other));
  const last = moments.reduce((one, other) => Math.max(one, other));
  const topic = `kill -9 of worker, gateway and review server with ${crowd.length.toLocaleString('en')} paused runs`;
  return [
    { topic, name: 'kill → all are up again', unit: 's', value: seconds(up - from) },
    { topic, name: "up → first decided run's tool", unit: 's', value: seconds(first - up) },
    { topic, name: 'up → tool of the last run, all of them decided by then', unit: 's', value: seconds(last - up) },
    { topic, name: 'runs resumed from their histories', unit: '1/s', value: crowd.length / seconds(last - up) },
  ];
}
