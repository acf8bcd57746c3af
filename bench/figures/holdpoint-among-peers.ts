import { randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineMs } from '../measure/clock.ts';
import { inFlight } from '../measure/in-flight.ts';
import type { Bench } from '../measurement.ts';
import { actMs } from '../stage/names.ts';
import { approve, ended, pauseRuns } from '../stage/runs.ts';
import { actsIn } from './acts.ts';
import { answerQuestions, doubleClick } from './faults.ts';
import { timed } from './latency.ts';
import { countActs, peerWidth, recoveryMs, type AfterKill, type Speed } from './peer-facts.ts';

/** The peers' figures for Holdpoint. Decisions go through review server, gateway and Temporal. */
export async function speedOfHoldpoint({ stage, scale, progress }: Bench): Promise<Speed> {
  const worker = await stage.startHoldpoint({ callbacks: 'gateway' });
  progress('Holdpoint: one decision after the other');
  const alone: number[] = [];
  for (const run of await pauseRuns(stage, worker, scale.decisionsApart)) alone.push(await timed(stage, run, approve));
  progress(`Holdpoint: ${scale.peerRuns} paused runs`);
  const { residentMB: before } = await worker.memory();
  const pausing = machineMs();
  const runs = await pauseRuns(stage, worker, scale.peerRuns, 'act', { settleMs: 0 });
  const paused = machineMs();
  const { residentMB: after } = await worker.memory();
  const together: number[] = [];
  const deciding = machineMs();
  await inFlight(runs, peerWidth, async (run) => {
    const from = machineMs();
    await approve(stage, run);
    together.push((await stage.firstLines.of(run.item)) - from);
  });
  await Promise.all(runs.map(({ item }) => ended(stage, item)));
  const decided = machineMs();
  await worker.stop();
  return {
    alone,
    together,
    pausedPerSecond: (runs.length * 1000) / (paused - pausing),
    decidedPerSecond: (runs.length * 1000) / (decided - deciding),
    memoryMB: (after - before) / runs.length,
  };
}

/** As for the peers: two simultaneous clicks approve every run, and the worker is killed while tools run. */
export async function holdpointAfterKill(
  { stage, progress }: Bench,
  tool: 'act' | 'act_once',
  count: number,
): Promise<AfterKill> {
  progress('Holdpoint: double clicks and kill -9');
  const actsFile = join(stage.folder, `acts-${tool}-${randomUUID()}`);
  const worker = await stage.startHoldpoint({ callbacks: 'gateway', actsFile });
  const runs = await pauseRuns(stage, worker, count, tool);
  const items = runs.map(({ item }) => item);
  const still = { going: true };
  const questions = answerQuestions(stage, tool === 'act_once' ? runs : [], actsFile, still);
  const clicks = Promise.all(runs.map((run) => doubleClick(stage, run, 'approve')));
  await Promise.any(items.map((item) => stage.firstLines.of(item)));
  await sleep(randomInt(3 * actMs));
  await worker.kill();
  const from = machineMs();
  const successor = await stage.startHoldpoint({ callbacks: 'gateway', actsFile, taskQueue: worker.taskQueue });
  await clicks;
  // As for the peers: the last act ends the time, not the end of the last run.
  while (new Set(actsIn(actsFile).map(({ item }) => item)).size < items.length && machineMs() - from < recoveryMs)
    await sleep(50);
  const seconds = (machineMs() - from) / 1000;
  await Promise.all(items.map((item) => ended(stage, item)));
  still.going = false;
  await questions;
  await successor.stop();
  return { ...countActs(items, actsIn(actsFile)), seconds };
}
