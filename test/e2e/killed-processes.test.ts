import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StartedRun } from '../../src/client.ts';
import type { Supervised } from '../../src/embedded/supervise.ts';
import { until } from '../support/until.ts';
import { callKeyOf, openE2eStage, type E2eStage } from './e2e-stage.ts';

let stage: E2eStage;
/** Waits through everything that happens in this file. */
let bystander: { run: StartedRun; events: number };
beforeAll(async () => {
  stage = await openE2eStage();
  const run = await stage.ask('bystander');
  await stage.held(run);
  bystander = { run, events: await stage.historyLength(run) };
});
afterAll(async () => await stage?.close());

const approve = async (run: StartedRun) => {
  const approval = await stage.held(run);
  await stage.reviewer.decide(approval.id, { decision: 'approve' });
  return callKeyOf(approval);
};
/** The run ended well, one person was asked once, and one mail went out. */
const expectOnce = async (run: StartedRun) => {
  expect(await run.result({ signal: AbortSignal.timeout(120_000) })).toContain('The email blast was sent.');
  const [request, ...more] = await stage.requestsOf(run);
  expect(more).toEqual([]);
  expect((await stage.mailsOf(callKeyOf(request!))).effects).toHaveLength(1);
};
const killAndWait = async (supervised: Supervised) => {
  const up = once(supervised.events, 'up', { signal: AbortSignal.timeout(60_000) });
  supervised.kill('SIGKILL');
  await up;
};

describe('worker killed with SIGKILL', { timeout: 180_000 }, () => {
  it('before the turn → the run completes', async () => {
    const { back } = await stage.killWorker();
    const run = await stage.ask('killed-before-the-turn');
    await back;
    await approve(run);
    await expectOnce(run);
  });

  it('after the request reached the review server → one request', async () => {
    const run = await stage.ask('killed-after-the-request');
    await until('the request', async () => (await stage.requestsOf(run)).length > 0);
    await (
      await stage.killWorker()
    ).back;
    await approve(run);
    await expectOnce(run);
  });

  it('while the run waits → the decision continues it', async () => {
    const run = await stage.ask('killed-while-waiting');
    await stage.held(run);
    await (
      await stage.killWorker()
    ).back;
    await approve(run);
    await expectOnce(run);
  });

  it('while the tool runs → a second attempt under the same key', async () => {
    await stage.mail.hold();
    const run = await stage.ask('killed-in-the-tool');
    const callKey = await approve(run);
    await until('mail is out', async () => (await stage.mailsOf(callKey)).effects.length > 0);
    const { back } = await stage.killWorker();
    await stage.mail.release();
    await back;
    await expectOnce(run);
    expect((await stage.mailsOf(callKey)).requests.length).toBeGreaterThan(1);
  });
});

describe('decision while a process is down', { timeout: 180_000 }, () => {
  it('no worker → kept until one starts', async () => {
    const run = await stage.ask('decided-without-a-worker');
    const approval = await stage.held(run);
    await stage.stack.worker.stop();
    await stage.reviewer.decide(approval.id, { decision: 'approve' });
    await stage.stack.worker.start();
    await expectOnce(run);
  });

  it('no gateway → the callback is repeated', async () => {
    const run = await stage.ask('decided-without-a-gateway');
    const approval = await stage.held(run);
    await stage.stack.gateway.stop();
    await stage.reviewer.decide(approval.id, { decision: 'approve' });
    await stage.stack.gateway.start();
    await expectOnce(run);
  });

  it('review server restarted → the request is kept', async () => {
    const run = await stage.ask('review-server-killed');
    const { id } = await stage.held(run);
    await killAndWait(stage.stack.reviewServer!);
    expect((await stage.reviewer.read(id)).status).toBe('PENDING');
    await approve(run);
    await expectOnce(run);
  });

  it('Temporal restarted → its state is on disk', async () => {
    const run = await stage.ask('temporal-killed');
    await stage.held(run);
    await killAndWait(stage.stack.temporal!);
    await approve(run);
    await expectOnce(run);
  });
});

describe('worker stopped with SIGTERM', { timeout: 180_000 }, () => {
  it('while a tool runs → the tool ends, no second attempt', async () => {
    await stage.mail.hold();
    const run = await stage.ask('drained');
    const callKey = await approve(run);
    await until('mail is out', async () => (await stage.mailsOf(callKey)).effects.length > 0);
    const { worker } = stage.stack;
    const down = once(worker.events, 'down', { signal: AbortSignal.timeout(60_000) });
    const up = once(worker.events, 'up', { signal: AbortSignal.timeout(60_000) });
    worker.kill('SIGTERM');
    await stage.mail.release();
    expect(await down).toEqual(['exit code 0']);
    await up;
    await expectOnce(run);
    expect((await stage.mailsOf(callKey)).requests).toHaveLength(1);
  });
});

it(
  'killed processes: run that waited through all of this → no further event, can still be decided',
  { timeout: 120_000 },
  async () => {
    expect(await stage.historyLength(bystander.run)).toBe(bystander.events);
    await approve(bystander.run);
    await expectOnce(bystander.run);
  },
);
