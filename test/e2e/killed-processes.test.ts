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

describe('a worker killed with SIGKILL costs nothing and doubles nothing', { timeout: 180_000 }, () => {
  it('before the turn', async () => {
    const { back } = await stage.killWorker();
    const run = await stage.ask('killed-before-the-turn');
    await back;
    await approve(run);
    await expectOnce(run);
  });

  it('just after the request has reached the review server', async () => {
    const run = await stage.ask('killed-after-the-request');
    await until('the request', async () => (await stage.requestsOf(run)).length > 0);
    await (
      await stage.killWorker()
    ).back;
    await approve(run);
    await expectOnce(run);
  });

  it('while the run waits', async () => {
    const run = await stage.ask('killed-while-waiting');
    await stage.held(run);
    await (
      await stage.killWorker()
    ).back;
    await approve(run);
    await expectOnce(run);
  });

  it('while the tool runs: a second attempt under the same key', async () => {
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

describe('while something is down, a decision is kept', { timeout: 180_000 }, () => {
  it('with no worker up', async () => {
    const run = await stage.ask('decided-without-a-worker');
    const approval = await stage.held(run);
    await stage.stack.worker.stop();
    await stage.reviewer.decide(approval.id, { decision: 'approve' });
    await stage.stack.worker.start();
    await expectOnce(run);
  });

  it('with no gateway up when the review server calls back: it calls again', async () => {
    const run = await stage.ask('decided-without-a-gateway');
    const approval = await stage.held(run);
    await stage.stack.gateway.stop();
    await stage.reviewer.decide(approval.id, { decision: 'approve' });
    await stage.stack.gateway.start();
    await expectOnce(run);
  });

  it('with the review server killed and back in between: it still knows the request', async () => {
    const run = await stage.ask('review-server-killed');
    const { id } = await stage.held(run);
    await killAndWait(stage.stack.reviewServer!);
    expect((await stage.reviewer.read(id)).status).toBe('PENDING');
    await approve(run);
    await expectOnce(run);
  });

  it('with Temporal killed and back in between: its state is on disk', async () => {
    const run = await stage.ask('temporal-killed');
    await stage.held(run);
    await killAndWait(stage.stack.temporal!);
    await approve(run);
    await expectOnce(run);
  });
});

describe('a worker that is asked to end', { timeout: 180_000 }, () => {
  it('finishes the tool that runs, and no second attempt is needed', async () => {
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
  'a run that waited through all of this has not one event more, and can still be decided',
  { timeout: 120_000 },
  async () => {
    expect(await stage.historyLength(bystander.run)).toBe(bystander.events);
    await approve(bystander.run);
    await expectOnce(bystander.run);
  },
);
