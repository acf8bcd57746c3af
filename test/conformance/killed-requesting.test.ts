import { fork } from 'node:child_process';
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
import { actsIn, countedMailTool, runIdOf, type DoomedPlan, type Step } from './step.ts';

/* A worker is killed within the local request of a call, which its run does not know afterwards. People go on meanwhile. */

describe('worker killed with SIGKILL in the Workflow Task that requests a decision', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-requesting-'));
  const databaseUrl = sqliteUrl(join(directory, 'holdpoint.db'));
  let stage: Stage;
  let reviewer: ReviewerClient;

  beforeAll(async () => {
    stage = await startStage([countedMailTool(directory)], {
      api: 'responses',
      worker: false,
      dependencies: await openDatabase(databaseUrl),
    });
    reviewer = (await signInReviewer(stage.reviewServer.url, 'rita', 'a good password')).client;
  });
  afterAll(async () => {
    await stage.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A run whose worker was killed at this step. No worker lives. */
  async function strike(step: Step, name: string): Promise<StagedRun> {
    const plan: DoomedPlan = {
      ...(await placesOf(stage, databaseUrl)),
      api: 'responses',
      openai: stage.openai.baseURL,
      directory,
    };
    const doomed = fork(fileURLToPath(new URL('./doomed-worker.ts', import.meta.url)), [JSON.stringify(plan)], {
      execArgv: ['--conditions=holdpoint-source'],
    });
    try {
      const messages: unknown[] = [];
      doomed.on('message', (message) => messages.push(message));
      await until('the worker is ready', () => messages.includes('ready'));
      const run = await stage.start(
        [{ calls: [{ name: 'send_mail', arguments: { to: name, count: 500 } }] }, { text: 'All told.' }],
        runIdOf(step, name),
      );
      // A local request has two seconds.
      await until(`the run is ${step}`, () => messages.includes(run.id));
      return run;
    } finally {
      doomed.kill('SIGKILL');
      await once(doomed, 'exit');
    }
  }

  async function pending(run: StagedRun): Promise<string> {
    return await until('it is asked', async () => (await run.asked()).find(({ status }) => status === 'PENDING')?.id);
  }

  async function expectOneEnd(run: StagedRun, name: string): Promise<void> {
    expect(await run.said()).toBe('All told.');
    expect(actsIn(directory).filter(({ to }) => to === name)).toHaveLength(1);
    expect(await run.asked()).toHaveLength(1);
    const { events } = await stage.client.workflow.getHandle(run.id).fetchHistory();
    const names = events?.flatMap(({ activityTaskScheduledEventAttributes: it }) => it?.activityType?.name ?? []);
    expect(names).not.toContain('requestApproval');
  }

  it('before the request is sent → the next worker sends it', async () => {
    const run = await strike('before requestApproval', 'unsent');
    const worker = await stage.startWorker();
    await run.decide(await pending(run), { decision: 'approve' });
    await expectOneEnd(run, 'unsent');
    await worker.stop();
  });

  it.each(['during requestApproval', 'after requestApproval'] as const)(
    '%s, and approved before a worker is back → the next worker learns it at once, without a reconcile round',
    async (step) => {
      const run = await strike(step, step);
      await run.decide(await pending(run), { decision: 'approve' });
      const worker = await stage.startWorker();
      await expectOneEnd(run, step);
      await worker.stop();
    },
  );

  it('during it, and a reviewer asks a question before a worker is back → the next worker answers it', async () => {
    const run = await strike('during requestApproval', 'questioned');
    // Only side turns forbid all tools.
    stage.control.script({
      name: 'side turns',
      reply: ({ toolChoice }) => (toolChoice === 'none' ? { text: 'For Ada.' } : undefined),
    });
    const id = await pending(run);
    await reviewer.call('POST /approvals/{id}/questions', { path: { id }, body: { text: 'For whom?' } });
    const worker = await stage.startWorker();
    await until('the question is answered', async () => {
      const { questions } = await reviewer.call('GET /approvals/{id}', { path: { id } });
      return questions.some(({ answer }) => answer === 'For Ada.');
    });
    await run.decide(id, { decision: 'approve' });
    await expectOneEnd(run, 'questioned');
    await worker.stop();
  });
});
