import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import type { RequestKind } from '../../src/domain/approval.ts';
import type { ReviewerDecision } from '@holdpoint/review-server/contract';
import { placesOf } from '../support/outside-worker.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { until } from '../support/until.ts';
import { actsIn, countingConfig, struckFile, type Act, type Kind, type Plan, type Point } from './plan.ts';
import { sqliteUrl } from '@holdpoint/database/url';

/** A person's answer to the question about an outcome. */
export type Answer = Pick<ReviewerDecision, 'decision'>;
export const answers = {
  happened: { decision: 'happened' },
  notHappened: { decision: 'not-happened' },
  giveUp: { decision: 'give-up' },
} as const satisfies Record<string, Answer>;

export type Scenario = {
  kind: Kind;
  /** Where its worker is struck. */
  at: Point;
  answer?: Answer;
};

/** The fault of the worker of some runs. */
export type Strike = {
  signal: 'SIGKILL' | 'SIGSTOP';
  /** No other worker runs, so the frozen worker gets the next attempt too. */
  alone?: true;
  /** The frozen worker wakes up when the runs have ended without it. */
  wakesLast?: true;
};

export type ScenarioOutcome = {
  acts: Act[];
  /** The number of different idempotency keys that the mail service saw. */
  keys: number;
  /** Requests that a person was asked to decide, by kind. */
  asked: RequestKind[];
  told: string[];
  /** Attempts of the tool that the newest row of the effect ledger counts, and which start it is. */
  ledger: { start: number; attempts: number; state: string };
};

/** For one step; generous, since the machine may be busy. */
const patienceMs = 120_000;

/**
 * Runs several runs on one worker, strikes the worker at each run's own point, and lets a second worker continue.
 * Returns the state of the outside world.
 */
export async function play(scenarios: readonly Scenario[], strike: Strike): Promise<ScenarioOutcome[]> {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-faults-'));
  const databaseUrl = sqliteUrl(join(directory, 'holdpoint.db'));
  const database = await openDatabase(databaseUrl);
  const stack = await startRunStack([], { worker: false, dependencies: database });
  const ids = scenarios.map(() => `struck-${randomUUID()}`);
  const strikes = Object.fromEntries(scenarios.map(({ at }, index) => [ids[index], at])) as Plan['strikes'];
  // An open poll of a frozen worker would swallow one attempt after another.
  const plan: Plan = {
    ...(await placesOf(stack, databaseUrl)),
    directory,
    slots: strike.alone ? 10 : scenarios.length,
    strikes,
  };
  const victim = startVictim(plan);
  try {
    const runs = await Promise.all(
      scenarios.map(({ kind }, index) =>
        stack.start([calling(call('act', { what: 'it' }, 'call_act')), answering('done')], {
          id: ids[index] as string,
          assistant: kind,
        }),
      ),
    );
    const asked = runs.map((): RequestKind[] => []);
    const allStruck = until(
      'every run is where it is struck',
      () => ids.every((id) => existsSync(struckFile(directory, id))),
      patienceMs,
    );
    await Promise.all(runs.map((run, index) => decide(run, asked[index] as RequestKind[], 'call', {}, allStruck)));
    victim.kill(strike.signal);
    if (strike.signal === 'SIGKILL') await ended(victim);
    // Written to the pipe before the wake-up, so the worker continues before it learns of its lost lease.
    else victim.send('go on');
    if (!strike.alone) await stack.startWorker({ config: countingConfig(plan) });
    if (strike.signal === 'SIGSTOP') {
      await Promise.all(
        scenarios.map(
          async (scenario, index) => await secondAttempt(stack, runs[index] as StartedRun, scenario, strike, directory),
        ),
      );
      if (!strike.wakesLast) await wake(victim, strike);
    }
    const outcomes = await Promise.all(
      scenarios.map((scenario, index) =>
        endOf(runs[index] as StartedRun, scenario, asked[index] as RequestKind[], stack),
      ),
    );
    if (strike.wakesLast) await wake(victim, strike);
    if (strike.alone) await ended(victim, 'SIGTERM');
    const acts = actsIn(directory);
    return await Promise.all(
      outcomes.map(async ({ firstRunId, ...outcome }) => {
        const own = acts.filter(({ key }) => key.startsWith(`${firstRunId}/`));
        const row = await database.effects.newest(`${firstRunId}/1/0/call_act`);
        if (!row) throw new Error('The effect ledger has no row.');
        return {
          ...outcome,
          acts: own,
          keys: new Set(own.map(({ key }) => key)).size,
          ledger: { start: row.start, attempts: row.attempts, state: row.state },
        };
      }),
    );
  } finally {
    victim.kill('SIGKILL');
    await stack.stop();
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Answers the question about the outcome, if there is one, until the run ends. */
async function endOf(
  run: StartedRun,
  { answer = answers.happened }: Scenario,
  asked: RequestKind[],
  stack: RunStack,
): Promise<Pick<ScenarioOutcome, 'asked' | 'told'> & { firstRunId: string }> {
  let over = false;
  const result = run.result().finally(() => (over = true));
  await decide(
    run,
    asked,
    'outcome',
    answer,
    until('the run ends', () => over, patienceMs),
  );
  await result;
  const { raw } = await stack.client.workflow.getHandle(run.id).describe();
  return { asked, told: run.told(), firstRunId: raw.workflowExecutionInfo?.firstRunId as string };
}

function startVictim(plan: Plan): ChildProcess {
  return fork(fileURLToPath(new URL('./victim.ts', import.meta.url)), [JSON.stringify(plan)], {
    execArgv: ['--conditions=holdpoint-source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** Resumes a frozen worker. It takes no more work, and exits when its frozen attempts have ended. */
async function wake(victim: ChildProcess, { alone }: Strike): Promise<void> {
  victim.kill('SIGCONT');
  if (!alone) await ended(victim, 'SIGTERM');
}

async function ended(victim: ChildProcess, signal?: 'SIGTERM'): Promise<void> {
  if (victim.exitCode !== null || victim.signalCode !== null) return;
  const exit = once(victim, 'exit');
  if (signal) victim.kill(signal);
  await exit;
}

/** Decides requests of one kind as they come up, until `end`. */
async function decide(
  run: StartedRun,
  asked: RequestKind[],
  kind: RequestKind,
  answer: Partial<Answer>,
  end: Promise<unknown>,
): Promise<void> {
  const still = { going: true };
  const ends = end.finally(() => {
    still.going = false;
  });
  const decided = new Set<string>();
  while (still.going) {
    // No worker may be there to answer; a question without one is given up after a while.
    const view = await Promise.race([run.view().catch(() => undefined), ends.then(() => undefined)]);
    for (const { state, approval } of view?.calls ?? []) {
      if (state !== 'waiting' || approval?.id === undefined || approval.kind !== kind || decided.has(approval.id))
        continue;
      decided.add(approval.id);
      asked.push(kind);
      await run.decide(approval.id, { decision: 'approve', ...answer });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await ends;
}

/** While the first attempt is frozen, Temporal has given the call to a second one, which has come as far as it can. */
async function secondAttempt(
  stack: RunStack,
  run: StartedRun,
  { kind, at }: Scenario,
  { alone }: Strike,
  directory: string,
): Promise<void> {
  const { raw } = await stack.client.workflow.getHandle(run.id).describe();
  const firstRunId = `${raw.workflowExecutionInfo?.firstRunId ?? ''}/`;
  await until(
    'a second attempt has come as far as it can',
    async () => {
      if (alone) {
        const { raw } = await stack.client.workflow.getHandle(run.id).describe();
        return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) > 1);
      }
      if (kind.startsWith('idempotent') || at === 'before-row')
        return actsIn(directory).some(({ key, pid }) => pid === process.pid && key.startsWith(firstRunId));
      return (await run.view().catch(() => undefined))?.calls.some(
        ({ approval, state }) => state === 'waiting' && approval?.kind === 'outcome',
      );
    },
    patienceMs,
  );
}
