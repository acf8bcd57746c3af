import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase, type HoldpointDatabase } from '../../src/adapters/database/open-database.ts';
import type { RequestKind } from '../../src/domain/approval.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { afterAll } from 'vitest';
import { placesOf } from '../support/outside-worker.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { until } from '../support/until.ts';
import { actsIn, countingConfig, type Act, type Plan } from './plan.ts';

/** What a person answers to the question what happened. */
export type Answer = { decision: 'approve' | 'reject'; modifiedDetails?: JsonObject };
export const answers = {
  happened: { decision: 'approve' },
  notHappened: { decision: 'approve', modifiedDetails: { outcome: 'not_happened' } },
  giveUp: { decision: 'reject' },
} as const satisfies Record<string, Answer>;

export type Scenario = Pick<Plan, 'effect' | 'at' | 'signal'> & {
  review?: Plan['review'];
  answer?: Answer;
  /** Nobody takes over: the frozen worker itself gets the next attempt too. */
  alone?: true;
  /** The frozen worker wakes up when the run has ended without it. */
  wakesLast?: true;
};

export type Outcome = {
  acts: Act[];
  /** How many different idempotency keys the world saw. */
  keys: number;
  /** Requests that a person was asked to decide, by kind. */
  asked: RequestKind[];
  told: string[];
  /** Attempts of the tool that the newest row of the effect ledger counts, and which start it is. */
  ledger: { start: number; attempts: number; state: string };
};

/** For one step; generous, since the machine may be busy. */
const patienceMs = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starting a worker takes the processor, waiting for a time-out does not: few start at once, all wait together. */
const lanes: Array<Promise<unknown>> = [Promise.resolve(), Promise.resolve()];
let nextLane = 0;
function inLane<T>(work: () => Promise<T>): Promise<T> {
  const lane = nextLane++ % lanes.length;
  const result = (lanes[lane] as Promise<unknown>).then(work);
  lanes[lane] = result.catch(() => undefined);
  return result;
}

type Struck = { plan: Plan; stack: RunStack; database: HoldpointDatabase; victim: ChildProcess; run: StartedRun; asked: RequestKind[] };

/** A run whose worker has been struck. */
async function strike({ effect, at, signal, review = 'never', alone }: Scenario): Promise<Struck> {
  const directory = mkdtempSync(join(folder, `${effect}-${at}-`));
  const databaseUrl = `sqlite://${join(directory, 'holdpoint.db')}`;
  const database = await openDatabase(databaseUrl);
  const stack = await startRunStack([], { worker: false, dependencies: database });
  const plan: Plan = { ...(await placesOf(stack, databaseUrl)), directory, slots: alone ? 10 : 1, effect, review, at, signal };
  const victim = startVictim(plan);
  const run = await stack.start([calling(call('act', { what: 'it' }, 'call_act')), answering('done')]);
  const asked: RequestKind[] = [];
  try {
    await decide(run, asked, 'call', {}, until(`${effect} is struck ${at}`, () => existsSync(join(directory, 'struck')), patienceMs));
    if (signal === 'SIGKILL') await ended(victim);
  } catch (error) {
    victim.kill('SIGKILL');
    await stack.stop();
    throw error;
  }
  return { plan, stack, database, victim, run, asked };
}

/** Plays one run whose first worker is struck, and whose second goes on; tells how the world looks afterwards. */
export async function play(scenario: Scenario): Promise<Outcome> {
  const { signal } = scenario;
  const { plan, stack, database, victim, run, asked } = await inLane(() => strike(scenario));
  const { directory } = plan;
  try {
    if (!scenario.alone) await stack.startWorker({ config: countingConfig(plan) });
    const wake = async (): Promise<void> => {
      victim.kill('SIGCONT');
      // It takes no more work, and exits once the attempt that was frozen has ended.
      if (!scenario.alone) await ended(victim, 'SIGTERM');
    };
    if (signal === 'SIGSTOP') await secondAttempt(stack, run, scenario, directory);
    if (signal === 'SIGSTOP' && !scenario.wakesLast) await wake();
    let over = false;
    const result = run.result().finally(() => (over = true));
    await decide(run, asked, 'outcome', scenario.answer ?? {}, until('the run ends', () => over, patienceMs));
    await result;
    if (scenario.wakesLast) await wake();
    if (scenario.alone) await ended(victim, 'SIGTERM');
    const acts = actsIn(directory);
    const firstRunId = (await stack.client.workflow.getHandle(run.id).describe()).raw.workflowExecutionInfo?.firstRunId as string;
    const row = await database.effects.newest(`${firstRunId}/1/0/call_act`);
    if (!row) throw new Error('The effect ledger has no row.');
    return { acts, keys: new Set(acts.map(({ key }) => key)).size, asked, told: run.told(), ledger: { start: row.start, attempts: row.attempts, state: row.state } };
  } finally {
    victim.kill('SIGKILL');
    await stack.stop();
    await database.close();
  }
}

function startVictim(plan: Plan): ChildProcess {
  return spawn(process.execPath, ['--conditions=holdpoint-source', fileURLToPath(new URL('./victim.ts', import.meta.url)), JSON.stringify(plan)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function ended(victim: ChildProcess, signal?: 'SIGTERM'): Promise<void> {
  if (victim.exitCode !== null || victim.signalCode !== null) return;
  const exit = once(victim, 'exit');
  if (signal) victim.kill(signal);
  await exit;
}

/** Decides requests of one kind as they come up, until `end`. */
async function decide(run: StartedRun, asked: RequestKind[], kind: RequestKind, answer: Partial<Answer>, end: Promise<unknown>): Promise<void> {
  const still = { going: true };
  const ends = end.finally(() => {
    still.going = false;
  });
  const decided = new Set<string>();
  while (still.going) {
    // No worker may be there to answer; a question without one is given up after a while.
    const view = await Promise.race([run.view().catch(() => undefined), ends.then(() => undefined)]);
    for (const { state, approval } of view?.calls ?? []) {
      if (state !== 'waiting' || approval?.id === undefined || approval.kind !== kind || decided.has(approval.id)) continue;
      decided.add(approval.id);
      asked.push(kind);
      await run.decide(approval.id, { decision: 'approve', ...answer });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await ends;
}

/** While the first attempt is frozen, Temporal has given the call to a second one, which has come as far as it can. */
async function secondAttempt(stack: RunStack, run: StartedRun, { effect, at, alone }: Scenario, directory: string): Promise<void> {
  await until('a second attempt has come as far as it can', async () => {
    if (alone) {
      const { raw } = await stack.client.workflow.getHandle(run.id).describe();
      return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) > 1);
    }
    if (effect === 'idempotent' || at === 'before-row') return actsIn(directory).some(({ pid }) => pid === process.pid);
    return (await run.view().catch(() => undefined))?.calls.some(({ approval, state }) => state === 'waiting' && approval?.kind === 'outcome');
  }, patienceMs);
}
