import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { messageSignal } from '../../src/domain/wire-names.ts';
import { outputs as texts } from '../../src/domain/outputs.ts';
import type { Reply, SetFault } from '@holdpoint/openai-stand-in';
import { placesOf } from '../support/outside-worker.ts';
import { until } from '../support/until.ts';
import { startStage, type Stage, type StagedRun } from '../support/stage.ts';
import { actsIn, countedMailTool, replacedSteps, runIdOf, steps, type DoomedPlan, type Step } from './step.ts';
import { surfaces } from '../support/surfaces.ts';
import { sqliteUrl } from '@holdpoint/database/url';

/* One worker has sixteen runs, each at another step, when it is killed with SIGKILL. Another carries all of them on. */

/** For all runs together; generous, since the machine may be busy. */
const patienceMs = 300_000;

describe.concurrent.each(surfaces)('a worker killed with SIGKILL, on the $api API,', ({ api, asking }) => {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-conformance-'));
  const databaseUrl = sqliteUrl(join(directory, 'holdpoint.db'));
  let stage: Stage;
  let doomed: ChildProcess;
  const runs = new Map<Step, StagedRun>();

  beforeAll(async () => {
    stage = await startStage([countedMailTool(directory)], {
      api,
      worker: false,
      dependencies: await openDatabase(databaseUrl),
    });
    const plan: DoomedPlan = { ...(await placesOf(stage, databaseUrl)), api, openai: stage.openai.baseURL, directory };
    doomed = fork(fileURLToPath(new URL('./doomed-worker.ts', import.meta.url)), [JSON.stringify(plan)], {
      execArgv: ['--conditions=holdpoint-source'],
    });
    const reached = new Set<unknown>();
    const holding: SetFault[] = [];
    doomed.on('message', (runId) => reached.add(runId));

    for (const step of steps) {
      const run = await stage.start(
        [{ calls: [{ name: 'send_mail', arguments: { to: step, count: 500 } }] }, { text: 'All told.' }],
        runIdOf(step, api),
      );
      runs.set(step, run);
      // To kill the worker between the model's answer and its arrival, the reply is held back.
      if (step === 'during takeTurn' || step === 'during submit') {
        const held = run.fault({
          kind: 'hold',
          at: 'after',
          match: step === 'during submit' ? { outputs: true } : { path: asking },
        });
        holding.push(held);
        void until(`${run.id} is held`, () => held.happened() > 0, patienceMs).then(() => reached.add(run.id));
      }
      if (step === 'waiting') void untilWaiting(run).then(() => reached.add(run.id));
      if (step.endsWith('the tool') || step.endsWith('submit')) void approve(run);
    }
    for (const step of replacedSteps) {
      const call: Reply = { calls: [{ name: 'send_mail', arguments: { to: step, count: 500 } }] };
      const run = await stage.start(
        [(askedBefore) => (askedBefore === 0 ? call : { text: 'Not told.' }), { text: 'Not told.' }],
        runIdOf(step, api),
      );
      runs.set(step, run);
      if (step === 'before the message') void untilWaiting(run).then(() => reached.add(run.id));
      else void replaceOnceWaiting(run);
    }
    await until('every run is at its step', () => [...runs.values()].every(({ id }) => reached.has(id)), patienceMs);
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
    for (const fault of holding) fault.remove();
    await approve(runs.get('waiting') as StagedRun);
    await replace(runs.get('before the message') as StagedRun);
    await stage.startWorker();
    for (const step of steps)
      if (step.endsWith('takeTurn') || step.endsWith('requestApproval')) void approve(runs.get(step) as StagedRun);
  }, patienceMs);
  afterAll(async () => {
    doomed.kill('SIGKILL');
    await stage.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(steps)(
    '%s → nothing is lost; nothing is done, asked or told twice',
    async (step) => {
      const run = runs.get(step) as StagedRun;
      expect(await run.said()).toBe('All told.');
      const acts = actsIn(directory).filter(({ to }) => to === step);
      // An idempotent tool without a recorded end is called again, under the same key.
      expect(acts).toHaveLength(step === 'during the tool' ? 2 : 1);
      expect(new Set(acts.map(({ key }) => key)).size).toBe(1);
      expect(await run.asked()).toHaveLength(1);
      expect(run.outputs()).toEqual(['{"sent":500}']);
    },
    patienceMs,
  );

  it.each(replacedSteps)(
    '%s with a superseding message → the replaced call never acts, the model is told both once',
    async (step) => {
      const run = runs.get(step) as StagedRun;
      expect(await run.said()).toBe('Not told.');
      expect(actsIn(directory).filter(({ to }) => to === step)).toEqual([]);
      expect(await run.asked()).toMatchObject([{ status: 'REJECTED', decisionReasonCode: 'superseded' }]);
      expect(new Set(await run.handedOver())).toEqual(new Set([texts.superseded]));
      expect(run.heard().join('\n').split('Do not.')).toHaveLength(2);
    },
    patienceMs,
  );
});

async function replace(run: StagedRun): Promise<void> {
  await run.signal(messageSignal, {
    id: 'message',
    digest: 'd',
    text: { type: 'inline', value: 'Do not.' },
    whenWaiting: 'supersede',
  });
}

async function replaceOnceWaiting(run: StagedRun): Promise<void> {
  await untilWaiting(run);
  await replace(run);
}

async function untilWaiting(run: StagedRun): Promise<void> {
  await until(
    `${run.id} waits`,
    async () => (await run.view()).calls.some(({ state }) => state === 'waiting'),
    patienceMs,
  );
}

async function approve(run: StagedRun): Promise<void> {
  const id = await until(
    `${run.id} asks`,
    async () => (await run.asked()).find(({ status }) => status === 'PENDING')?.id,
    patienceMs,
  );
  await run.decide(id, { decision: 'approve' });
}
