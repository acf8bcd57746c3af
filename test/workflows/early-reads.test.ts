import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { createReviewService, ReviewFailure, type ReviewAnswer, type ReviewService } from '@holdpoint/cheqpoint';
import { signInReviewer } from '@holdpoint/review-server/contract';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { replay } from '../../src/testing/replay.ts';
import { connectionKey } from '../support/keys.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

type Reader = 'early' | 'Activity';
type Read = { by: Reader; id: string };

const { tool, ran } = mailTool();
const many = { to: 'all', count: 500 };
/** A server that takes connections and never answers. */
const silent = createServer(() => undefined);
let reads: Read[] = [];
type Meets = (real: ReviewService, id: string, signal: AbortSignal) => Promise<ReviewAnswer>;
const decision: Meets = (real, id, signal) => real.read(id, signal);
const silence: Meets = async (_real, id, signal) => {
  const { port } = silent.address() as AddressInfo;
  return await createReviewService({ baseUrl: `http://127.0.0.1:${port}`, connectionKey }).read(id, signal);
};
/** The answer to a read, by its reader. */
let meets: Record<Reader, Meets>;
let stack: RunStack;
let pause: (paused: boolean) => Promise<void>;

beforeAll(async () => {
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  stack = await startRunStack([tool], {
    review: { reviewers: [{ name: 'rita', password: 'a good password', roles: ['reviewer', 'admin'] }] },
    worker: false,
  });
  const real = stack.dependencies.review({ name: 'tester', connectionKey: null });
  // Each deployment of this stack has it.
  stack.dependencies.review = () => ({
    ...real,
    read: (id, signal) => {
      const by = reader();
      reads.push({ by, id });
      return meets[by](real, id, signal);
    },
  });
  await stack.startWorker();
  const { client } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password');
  pause = async (paused) => {
    await client.call('PUT /assistants/{name}', { path: { name: 'tester' }, body: { paused } });
  };
});
afterAll(async () => {
  await stack.stop();
  silent.close();
});
beforeEach(() => {
  reads = [];
  ran.length = 0;
  meets = { early: decision, Activity: decision };
});

/** An early read happens outside of an Activity. */
function reader(): Reader {
  try {
    return Context.current() && 'Activity';
  } catch {
    return 'early';
  }
}
const readersOf = (id: string) => reads.filter((read) => read.id === id).map(({ by }) => by);
const start = () => stack.start([calling(call('send_mail', many)), answering('sent')]);
async function approve(run: StartedRun): Promise<string> {
  const id = await run.approval();
  await run.decide(id, { decision: 'approve' });
  return id;
}

it('decided call → the Workflow Task begins the only read', async () => {
  const run = await start();
  const id = await approve(run);
  await run.result();
  expect(readersOf(id)).toEqual(['early']);
  expect(ran.map(({ args }) => args)).toEqual([many]);
});

it.each<[string, Meets]>([
  ['fails', () => Promise.reject(new ReviewFailure('unavailable', 'away', { sent: false }))],
  ['gets no answer', silence],
  [
    'finds the request open',
    async (real, id, signal) => ({ ...(await real.read(id, signal)), status: 'pending', decidedAt: null }),
  ],
])('early read %s → the Activity reads, and the tool runs once with the approved arguments', async (_what, early) => {
  meets.early = early;
  const run = await start();
  const id = await approve(run);
  await run.result();
  expect(readersOf(id)).toEqual(['early', 'Activity']);
  expect(ran.map(({ args }) => args)).toEqual([many]);
});

it('early read finds altered arguments → parks as ReviewUnreadable, nothing runs', async () => {
  meets.early = async (real, id, signal) => {
    const answer = await real.read(id, signal);
    return { ...answer, details: { ...answer.details, count: 9 } };
  };
  const run = await start();
  const id = await approve(run);
  expect(await until('the run parks', async () => (await run.view()).parked[0])).toMatchObject({
    type: 'ReviewUnreadable',
  });
  expect(readersOf(id)).toEqual(['early']);
  expect(ran).toEqual([]);
  await run.cancel();
});

it('early read finds the decision, assistant paused → the tool is held until it is resumed', async () => {
  const run = await start();
  const id = await run.approval();
  await stack.stopWorkers();
  await run.decide(id, { decision: 'approve' });
  await pause(true);
  onTestFinished(() => pause(false));
  await stack.startWorker();
  await until('the call is held', async () => (await run.view()).calls[0]?.paused);
  expect(readersOf(id)[0]).toBe('early');
  expect(ran).toEqual([]);
  await pause(false);
  await run.result();
  expect(ran).toHaveLength(1);
}, 60_000);

it('run cancelled while its reads get no answer → ends, nothing runs', async () => {
  const settling = () => Context.current().info.activityType === 'settleToolCall';
  // The withdrawal of the request gets its answers.
  meets = { early: silence, Activity: (...read) => (settling() ? silence : decision)(...read) };
  const run = await start();
  const id = await approve(run);
  await until('the early read is under way', () => readersOf(id).length > 0);
  await run.cancel();
  await expect(run.result()).rejects.toThrow('cancelled');
  expect(ran).toEqual([]);
});

it('run replayed, by a new worker and by `replay` → nothing is read, and the history matches', async () => {
  const run = await stack.start([
    calling(call('send_mail', many, 'call_first')),
    calling(call('send_mail', many, 'call_second')),
    answering('sent'),
  ]);
  const first = await approve(run);
  await until('the second call waits', async () => (await run.approval()) !== first);
  await stack.redeploy();
  const second = await approve(run);
  await run.result();
  expect([readersOf(first), readersOf(second)]).toEqual([['early'], ['early']]);

  const folder = await mkdtemp(join(tmpdir(), 'holdpoint-early-reads-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'run.json');
  await writeFile(file, JSON.stringify(await stack.holdpoint.runs.history(run.id)));
  const read = reads.length;
  expect(await replay([file])).toMatchObject([{ ok: true, problem: null }]);
  expect(reads).toHaveLength(read);
});
