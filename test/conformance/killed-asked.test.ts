import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteUrl } from '@holdpoint/database/url';
import { signInReviewer, type ReviewerClient } from '@holdpoint/review-server/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { placesOf } from '../support/outside-worker.ts';
import { startStage, type Stage, type StagedRun } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { actsIn, countedMailTool, questionSteps, runIdOf, type DoomedPlan, type Step } from './step.ts';

/* One worker has four runs with a reviewer's question, each at another step, when it is killed. Another carries on. */

/** For all runs together. The machine may be busy. */
const patienceMs = 300_000;

describe('worker killed with SIGKILL while a reviewer’s question is answered', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-asked-'));
  const databaseUrl = sqliteUrl(join(directory, 'holdpoint.db'));
  const runs = new Map<Step, { run: StagedRun; id: string }>();
  let stage: Stage;
  let reviewer: ReviewerClient;
  let doomed: ChildProcess;

  const questionsOf = async (id: string) => (await reviewer.call('GET /approvals/{id}', { path: { id } })).questions;

  beforeAll(async () => {
    const api = 'responses';
    stage = await startStage([countedMailTool(directory)], {
      api,
      worker: false,
      dependencies: await openDatabase(databaseUrl),
    });
    reviewer = (await signInReviewer(stage.reviewServer.url, 'rita', 'a good password')).client;
    const plan: DoomedPlan = { ...(await placesOf(stage, databaseUrl)), api, openai: stage.openai.baseURL, directory };
    doomed = fork(fileURLToPath(new URL('./doomed-worker.ts', import.meta.url)), [JSON.stringify(plan)], {
      execArgv: ['--conditions=holdpoint-source'],
    });
    const reached = new Set<unknown>();
    doomed.on('message', (runId) => reached.add(runId));
    for (const step of questionSteps) {
      const run = await stage.start(
        [{ calls: [{ name: 'send_mail', arguments: { to: step, count: 500 } }] }, { text: 'All told.' }],
        runIdOf(step, api),
      );
      runs.set(step, { run, id: await run.approval() });
    }
    // Only side turns forbid all tools.
    stage.control.script({
      name: 'side turns',
      reply: ({ toolChoice }) => (toolChoice === 'none' ? { text: 'For Ada.' } : undefined),
    });
    const { run: held } = runs.get('during the side turn')!;
    const fault = held.fault({ kind: 'hold', at: 'after', match: { outputs: true } });
    void until(`${held.id} is held`, () => fault.happened() > 0, patienceMs).then(() => reached.add(held.id));
    for (const { id } of runs.values())
      await reviewer.call('POST /approvals/{id}/questions', { path: { id }, body: { text: 'For whom?' } });
    await until(
      'each question is at its step',
      () => [...runs.values()].every(({ run }) => reached.has(run.id)),
      patienceMs,
    );
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
    fault.remove();
    await stage.startWorker();
  }, patienceMs);
  afterAll(async () => {
    doomed.kill('SIGKILL');
    await stage.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(questionSteps)(
    '%s → one answer is shown, the run goes on and acts once',
    async (step) => {
      const { run, id } = runs.get(step)!;
      const questions = await until(
        'the question is answered',
        async () => {
          const found = await questionsOf(id);
          return found.every(({ answeredAt }) => answeredAt !== null) && found;
        },
        patienceMs,
      );
      expect(questions).toMatchObject([{ text: 'For whom?', answer: 'For Ada.', problem: null }]);
      await run.decide(id, { decision: 'approve' });
      expect(await run.said()).toBe('All told.');
      expect(actsIn(directory).filter(({ to }) => to === step)).toHaveLength(1);
      expect(await run.asked()).toHaveLength(1);
      expect(await questionsOf(id)).toEqual(questions);
    },
    patienceMs,
  );
});
