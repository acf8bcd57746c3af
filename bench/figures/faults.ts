import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runQuery } from '../../src/domain/wire-names.ts';
import type { RunView } from '../../src/domain/run.ts';
import type { Measurement } from '../measurement.ts';
import { actMs } from '../stage/names.ts';
import { ended, pauseRuns, type PausedRun } from '../stage/runs.ts';
import type { Stage } from '../stage/stage.ts';
import { actsIn } from './acts.ts';

/**
 * Reviewed runs, `idempotent` and `at-most-once` in turn. Every third is rejected. Each decision is clicked twice at
 * the same moment. The only worker gets kill -9 while tools run. The figure counts the actions outside of Holdpoint.
 */
export const faults: Measurement = {
  name: 'lost and doubled under faults',
  figures: ['faults'],
  async measure({ stage, scale, progress }) {
    const actsFile = join(stage.folder, 'acts');
    let worker = await stage.startHoldpoint({ callbacks: 'gateway', actsFile });
    const half = scale.faultRuns / 2;
    const idempotent = await pauseRuns(stage, worker, half, 'act');
    const once = await pauseRuns(stage, worker, half, 'act_once');
    const runs = [...idempotent, ...once].map((run, index) => ({ ...run, rejected: index % 3 === 2 }));
    const still = { going: true };
    const questions = answerQuestions(stage, once, actsFile, still);
    let decisions = 0;
    const batches = Array.from({ length: scale.faultKills + 1 }, (_, batch) =>
      runs.filter((__, index) => index % (scale.faultKills + 1) === batch),
    );
    for (const [batch, clicked] of batches.entries()) {
      const counts = Promise.all(clicked.map((run) => doubleClick(stage, run, run.rejected ? 'reject' : 'approve')));
      if (batch < scale.faultKills) {
        progress(`kill ${batch + 1} of ${scale.faultKills}`);
        // By then some tools of the batch run, some have ended, and some have not started.
        await Promise.any(clicked.filter(({ rejected }) => !rejected).map(({ item }) => stage.firstLines.of(item)));
        await sleep(randomInt(2 * actMs));
        await worker.kill();
        worker = await stage.startHoldpoint({ callbacks: 'gateway', actsFile, taskQueue: worker.taskQueue });
      }
      decisions += (await counts).reduce((sum, count) => sum + count, 0);
    }
    progress('waiting for every run to end');
    await Promise.all(runs.map(({ item }) => ended(stage, item)));
    still.going = false;
    const asked = await questions;
    await worker.stop();

    const acts = actsIn(actsFile);
    const effects = (item: string, isOnce: boolean) => {
      const own = acts.filter((act) => act.item === item);
      // One key twice is one effect: `idempotent` promises that the receiver honours the key.
      return isOnce ? own.length : new Set(own.map(({ key }) => key)).size;
    };
    const counts = runs.map(({ item, rejected }, index) => ({
      wanted: rejected ? 0 : 1,
      had: effects(item, index >= half),
    }));
    const topic = 'Faults';
    return {
      results: [
        {
          id: 'faults',
          values: {
            lost: counts.reduce((sum, { wanted, had }) => sum + Math.max(0, wanted - had), 0),
            doubled:
              counts.reduce((sum, { wanted, had }) => sum + Math.max(0, had - wanted), 0) +
              Math.max(0, decisions - runs.length),
          },
        },
      ],
      facts: [
        { topic, name: 'runs, each decided by two clicks at once', unit: '', value: runs.length },
        { topic, name: 'kill -9 of the only worker', unit: '', value: scale.faultKills },
        { topic, name: 'attempts that acted', unit: '', value: acts.length },
        { topic, name: 'people asked whether an `at-most-once` tool had acted', unit: '', value: asked },
      ],
    };
  },
};

/** Number of clicks, of two, that decided. */
export async function doubleClick(
  { reviewer }: Stage,
  { approvalId }: PausedRun,
  decision: 'approve' | 'reject',
): Promise<number> {
  const statuses = await Promise.all([
    reviewer.decide(approvalId, { decision }),
    reviewer.decide(approvalId, { decision }),
  ]);
  return statuses.filter((status) => status === 200).length;
}

/** Answers the questions about killed `at-most-once` tools, from the counted actions. */
export async function answerQuestions(
  stage: Stage,
  onceRuns: readonly PausedRun[],
  actsFile: string,
  still: { going: boolean },
): Promise<number> {
  const answered = new Set<string>();
  while (still.going) {
    const questions = (await stage.reviewer.open(200)).filter(
      ({ id, action }) => action.endsWith(':outcome-unknown') && !answered.has(id),
    );
    // A question does not name its run. The runs know their questions.
    const asking = questions.length === 0 ? new Map<string, string>() : await questionsOf(stage, onceRuns);
    for (const { id } of questions) {
      const item = asking.get(id);
      if (item === undefined) continue;
      answered.add(id);
      const acted = actsIn(actsFile).some((act) => act.item === item);
      await stage.reviewer.decide(id, { decision: acted ? 'happened' : 'not-happened' });
    }
    await sleep(100);
  }
  return answered.size;
}

/** Runs by the id of their open question. Runs that no worker can query are omitted. */
async function questionsOf({ client }: Stage, runs: readonly PausedRun[]): Promise<Map<string, string>> {
  const views = await Promise.allSettled(
    runs.map(({ item }) =>
      client.withDeadline(Date.now() + 2000, () => client.workflow.getHandle(item).query<RunView>(runQuery)),
    ),
  );
  return new Map(
    views.flatMap((view, index) => {
      const approval =
        view.status === 'fulfilled'
          ? view.value.calls.find(({ approval }) => approval?.kind === 'outcome')?.approval
          : undefined;
      return approval?.id === undefined ? [] : [[approval.id, (runs[index] as PausedRun).item] as const];
    }),
  );
}
