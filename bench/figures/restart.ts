import { machineMs } from '../measure/clock.ts';
import { inFlight } from '../measure/in-flight.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { approve, ended, pauseFloor, pauseRuns, signalFloor } from '../stage/runs.ts';

/** Runs per group: a group waits before the next one starts. */
const group = 200;
/** Decisions in flight while all runs are decided. */
const width = 32;
/** Limit for the last of them, in milliseconds. */
const recoveryMs = 60 * 60_000;

/** kill -9 of every Holdpoint process, and a decision for every run that waits. The floor's worker is killed as well. */
export const restart: Measurement = {
  name: 'all decided after a restart',
  figures: ['restart'],
  async measure(bench) {
    const { restartedRuns: count } = bench.scale;
    const floor = await floorAfterKill(bench, count);
    const holdpoint = await afterKill(bench, count);
    const topic = `kill -9 of worker, gateway and review server with ${count.toLocaleString('en')} paused runs`;
    const column = (name: string) => ({ topic, column: name });
    return {
      results: [{ id: 'restart', values: { '': holdpoint.perSecond / floor.perSecond } }],
      facts: [
        { ...column('clicks'), name: 'kill → all are up again', unit: 's', value: holdpoint.upAfter },
        { ...column('clicks'), name: "up → first decided run's tool", unit: 's', value: holdpoint.first },
        {
          ...column('clicks'),
          name: 'up → tool of the last run, all of them decided by then',
          unit: 's',
          value: holdpoint.last,
        },
        { ...column('clicks'), name: 'runs resumed from their histories', unit: '1/s', value: holdpoint.perSecond },
        { ...column('the bare floor'), name: 'kill → all are up again', unit: 's', value: floor.upAfter },
        { ...column('the bare floor'), name: "up → first decided run's tool", unit: 's', value: floor.first },
        {
          ...column('the bare floor'),
          name: 'up → tool of the last run, all of them decided by then',
          unit: 's',
          value: floor.last,
        },
        {
          ...column('the bare floor'),
          name: 'runs resumed from their histories',
          unit: '1/s',
          value: floor.perSecond,
        },
      ],
    };
  },
};

type Recovery = { upAfter: number; first: number; last: number; perSecond: number };

async function afterKill({ stage, progress }: Bench, count: number): Promise<Recovery> {
  const worker = await stage.startHoldpoint({ callbacks: 'held' });
  const crowd = await inGroups(count, (size) => pauseRuns(stage, worker, size, 'act', { settleMs: 0 }), progress);
  progress('kill -9 of worker, gateway and review server');
  await Promise.all([worker.kill(), stage.gateway.kill(), stage.reviewServer.kill()]);
  const from = machineMs();
  const holdAgain = stage.relay.passOnTo(stage.gateway.url);
  await Promise.all([stage.reviewServer.restart(), stage.gateway.restart()]);
  const successor = await stage.startHoldpoint({ callbacks: 'held', taskQueue: worker.taskQueue });
  const recovery = await decideAll(
    { stage, progress },
    { from, items: crowd.map(({ item }) => item), decide: (index) => approve(stage, crowd[index]!) },
  );
  await successor.stop();
  holdAgain();
  return recovery;
}

async function floorAfterKill({ stage, progress }: Bench, count: number): Promise<Recovery> {
  const worker = await stage.startFloor();
  const items = await inGroups(count, (size) => pauseFloor(stage, worker, size, { before: 2, after: 1 }), progress);
  progress("kill -9 of the floor's worker");
  await worker.kill();
  const from = machineMs();
  const successor = await stage.startFloor({ taskQueue: worker.taskQueue });
  const recovery = await decideAll(
    { stage, progress },
    { from, items, decide: (index) => signalFloor(stage, items[index]!) },
  );
  await successor.stop();
  return recovery;
}

async function inGroups<Run>(
  count: number,
  pause: (size: number) => Promise<Run[]>,
  progress: (text: string) => void,
): Promise<Run[]> {
  const all: Run[] = [];
  while (all.length < count) {
    all.push(...(await pause(Math.min(group, count - all.length))));
    progress(`${all.length} of ${count} runs wait`);
  }
  return all;
}

async function decideAll(
  { stage, progress }: Pick<Bench, 'stage' | 'progress'>,
  { from, items, decide }: { from: number; items: readonly string[]; decide: (index: number) => Promise<void> },
): Promise<Recovery> {
  const up = machineMs();
  progress('deciding every run');
  const deciding = inFlight([...items.keys()], width, decide);
  const moments = await Promise.all(items.map((item) => stage.firstLines.of(item, recoveryMs)));
  await deciding;
  progress('waiting for the runs to end');
  await Promise.all(items.map((item) => ended(stage, item)));
  const seconds = (ms: number) => (ms - up) / 1000;
  const last = seconds(moments.reduce((one, other) => Math.max(one, other)));
  return {
    upAfter: (up - from) / 1000,
    first: seconds(moments.reduce((one, other) => Math.min(one, other))),
    last,
    perSecond: items.length / last,
  };
}
