import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signInReviewer } from '@holdpoint/review-server/contract';
import { sqliteUrl } from '@holdpoint/database/url';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { actsIn, countedMailTool, type DoomedPlan } from '../conformance/step.ts';
import { placesOf } from '../support/outside-worker.ts';
import { startStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdpoint-paused-'));
const databaseUrl = sqliteUrl(join(directory, 'holdpoint.db'));
let stage: Stage;
let plan: DoomedPlan;
const children: ChildProcess[] = [];
beforeAll(async () => {
  stage = await startStage([countedMailTool(directory)], {
    api: 'responses',
    worker: false,
    dependencies: await openDatabase(databaseUrl),
    review: { reviewers: [{ name: 'rita', password: 'a good password', roles: ['reviewer', 'admin'] }] },
  });
  const { baseURL: openai } = stage.openai;
  plan = { ...(await placesOf(stage, databaseUrl)), api: 'responses', openai, directory };
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await stage.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a worker as a child process. */
async function startProcess(): Promise<{ kill(): Promise<void> }> {
  const program = fileURLToPath(new URL('../conformance/doomed-worker.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(plan)], { execArgv: ['--conditions=holdpoint-source'] });
  children.push(child);
  await once(child, 'message');
  return {
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

it('worker killed with SIGKILL while an approved call is held → it runs once, after the assistant is resumed', async () => {
  const { client } = await signInReviewer(stage.reviewServer.url, 'rita', 'a good password');
  const pause = (paused: boolean) =>
    client.call('PUT /assistants/{name}', { path: { name: 'tester' }, body: { paused } });
  const first = await startProcess();
  const run = await stage.start([
    { calls: [{ name: 'send_mail', arguments: { to: 'all', count: 500 } }] },
    { text: 'All told.' },
  ]);
  const approval = await run.approval();
  await first.kill();
  await run.decide(approval, { decision: 'approve' });
  await pause(true);

  const second = await startProcess();
  await until('the call is held', async () => (await run.view()).calls[0]?.paused);
  await second.kill();
  await pause(false);
  await pause(true);

  const third = await startProcess();
  await until('it is tried again', async () => {
    const { raw } = await stage.client.workflow.getHandle(run.id).describe();
    return (raw.pendingActivities?.[0]?.attempt ?? 0) >= 2;
  });
  expect(actsIn(directory)).toEqual([]);
  await pause(false);
  expect(await run.said()).toBe('All told.');
  expect(actsIn(directory)).toHaveLength(1);
  await third.kill();
}, 120_000);
