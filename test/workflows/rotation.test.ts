import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readRotation } from '../../src/cli/doctor-rotation.ts';
import { secret as old } from '../support/keys.ts';
import { placesOf } from '../support/outside-worker.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import type { RotatingPlan } from './rotating-worker.ts';

const fresh = 'a fresh value of HOLDPOINT_SECRET, 32+';
/** The values of HOLDPOINT_SECRET, the sealing one first. */
const before = [old];
const step1 = [old, fresh];
const step2 = [fresh, old];
const step3 = [fresh];

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-rotation-'));
const databaseUrl = sqliteUrl(join(folder, 'holdpoint.db'));
const paidFile = join(folder, 'paid');

describe('rotation of HOLDPOINT_SECRET', { timeout: 240_000 }, () => {
  let stack: RunStack;
  const stops = new Set<() => Promise<void>>();
  beforeAll(async () => {
    stack = await startRunStack([], { worker: false, secrets: step1, databaseUrl });
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A worker process with these values. Returns its stop. */
  const worker = async (secrets: readonly string[]): Promise<() => Promise<void>> => {
    const plan: RotatingPlan = { ...(await placesOf(stack, databaseUrl)), secrets, paid: paidFile };
    const child = fork(fileURLToPath(new URL('rotating-worker.ts', import.meta.url)), [JSON.stringify(plan)], {
      execArgv: ['--conditions=holdpoint-source'],
    });
    const exited = once(child, 'exit');
    await once(child, 'message');
    const stop = async () => {
      if (!stops.delete(stop)) return;
      child.send('stop');
      await exited;
    };
    stops.add(stop);
    return stop;
  };
  const begin = () => stack.start([]);
  const approve = async (run: StartedRun) => run.decide(await run.approval(), { decision: 'approve' });
  /** How often each run paid, and how often a person was asked. */
  const seen = async (...runs: StartedRun[]) => {
    const paid = existsSync(paidFile) ? readFileSync(paidFile, 'utf8').split('\n') : [];
    return Promise.all(
      runs.map(async (run) => ({
        paid: paid.filter((each) => each === run.id).length,
        asked: (await stack.database.requests.list((await run.view()).calls[0]!.key)).length,
      })),
    );
  };

  it.each([
    ['1: from old to old,new', before, step1],
    ['2: from old,new to new,old', step1, step2],
    ['3: from new,old to new', step2, step3],
  ])('step %s, both workers live → each run is asked once, decided and runs once', async (_step, first, second) => {
    const [stopOne, stopOther] = await Promise.all([worker(first), worker(second)]);
    const both = await Promise.all(Array.from({ length: 4 }, begin));
    for (const run of both) await approve(run);
    for (const run of both) await run.result();
    // Asked by the second worker, decided and run by the first, and the reverse.
    await stopOne();
    const forth = await begin();
    await forth.approval();
    const stopAgain = await worker(first);
    await stopOther();
    await approve(forth);
    await forth.result();
    const back = await begin();
    await back.approval();
    await worker(second);
    await stopAgain();
    await approve(back);
    await back.result();
    const runs = [...both, forth, back];
    expect(await seen(...runs)).toEqual(runs.map(() => ({ paid: 1, asked: 1 })));
  });

  it('two steps at once (new,old beside old) → the worker with old alone refuses the seal, parks, and nothing runs', async () => {
    const stopEarly = await worker(step2);
    const run = await begin();
    await run.approval();
    await worker(before);
    await stopEarly();
    await approve(run);
    await until('it is parked', async () => (await run.view()).state === 'parked' || undefined);
    expect(await seen(run)).toEqual([{ paid: 0, asked: 1 }]);
    for (const stop of stops) await stop();
    await worker(step1);
    await stack.holdpoint.runs.retry(run.id);
    await run.result();
    expect(await seen(run)).toEqual([{ paid: 1, asked: 1 }]);
  });

  it('doctor: counts the waiting requests that need the second value; at 0 the old value can go', async () => {
    const { connection, namespace } = await startTestTemporal();
    const rotation = (secrets: readonly string[]) =>
      readRotation({ secrets, connection, namespace, taskQueue: stack.taskQueue, database: stack.database });
    const stopOld = await worker(step1);
    const [first, second] = [await begin(), await begin()];
    await Promise.all([first.approval(), second.approval()]);
    await stopOld();
    const stopNew = await worker(step2);
    const third = await begin();
    await third.approval();
    // Temporal's visibility follows with a delay.
    await until('all three are seen', async () => (await rotation(step2)).waiting === 3 || undefined);
    expect(await rotation(step2)).toEqual({ waiting: 3, sealedWithSecond: 2 });
    expect(await rotation(step1)).toEqual({ waiting: 3, sealedWithSecond: 1 });
    for (const run of [first, second]) {
      await approve(run);
      await run.result();
    }
    await until('they are gone', async () => (await rotation(step2)).waiting === 1 || undefined);
    expect(await rotation(step2)).toEqual({ waiting: 1, sealedWithSecond: 0 });
    await stopNew();
    await worker(step3);
    await approve(third);
    await third.result();
    expect(await seen(first, second, third)).toEqual([1, 2, 3].map(() => ({ paid: 1, asked: 1 })));
  });
});
