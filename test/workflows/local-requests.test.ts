import { ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool: mail, ran } = mailTool();
type Asking = () => ReturnType<ReviewService['request']>;
/** The next requests to the review service meet these, in order. Later ones pass. */
let faults: Array<(ask: Asking) => ReturnType<Asking>> = [];
let hasKeys = true;
let asked = 0;
/** Ids that the review service gave. */
let given = new Set<string | null>();

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([mail], { worker: false });
  const real = stack.dependencies.review;
  await stack.startWorker({
    review: (assistant) => {
      const service = real(assistant);
      return {
        ...service,
        capabilities: async () => ({ ...(await service.capabilities()), idempotency: hasKeys }),
        request: (request) => {
          asked += 1;
          const ask = async () => {
            const answer = await service.request(request);
            given.add(answer.id);
            return answer;
          };
          return faults.shift()?.(ask) ?? ask();
        },
      };
    },
  });
});
afterAll(() => stack.stop());
beforeEach(() => {
  faults = [];
  hasKeys = true;
  asked = 0;
  given = new Set();
  ran.length = 0;
});

const away = () => Promise.reject(new ReviewFailure('unavailable', 'away', { sent: false }));
const refused = () =>
  Promise.reject(new ReviewFailure('access-denied', 'The Connection Key is refused.', { sent: false }));
const turns = () => [calling(call('send_mail', { to: 'all', count: 500 })), answering('sent')];
/** Approves it and waits for its end. */
async function finish(run: StartedRun): Promise<void> {
  await run.decide(await run.approval(), { decision: 'approve' });
  await run.result();
}
async function historyOf(run: StartedRun) {
  const { events = [] } = await stack.client.workflow.getHandle(run.id).fetchHistory();
  return {
    events: events?.length,
    local: events?.filter(({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity')
      .length,
    activities: events?.flatMap(({ activityTaskScheduledEventAttributes: it }) => it?.activityType?.name ?? []),
  };
}

it('run that the gateway starts → its request is one event: 30 events with a reviewed call', async () => {
  const id = 'of-the-gateway';
  stack.script(id, turns());
  await stack.holdpoint.runs.create({ assistant: 'tester', input: 'go', id });
  const run = stack.attach(id);
  await finish(run);
  expect(await historyOf(run)).toEqual({
    events: 30,
    local: 1,
    activities: ['takeTurn', 'settleToolCall', 'takeTurn'],
  });
  expect([asked, ran.length]).toEqual([1, 1]);
});

it('run without local requests → its request is an Activity: 35 events', async () => {
  const id = 'of-an-earlier-gateway';
  stack.script(id, turns());
  const { client, taskQueue } = stack;
  const runs = createTemporalRuns({ client, taskQueue });
  await runs.create({ id, assistant: 'tester', caller: 'operator', input: 'go', inputDigest: id });
  const run = stack.attach(id);
  await finish(run);
  expect(await historyOf(run)).toMatchObject({ events: 35, local: 0 });
});

it('two reviewed calls in a turn → Activities, since local ones of one Workflow Task may end in another order', async () => {
  const run = await stack.start([
    calling(call('send_mail', { to: 'all', count: 500 }, 'a'), call('send_mail', { to: 'all', count: 600 }, 'b')),
    answering('sent'),
  ]);
  const waiting = await until('both wait', async () => {
    const calls = (await run.view()).calls.filter(({ state }) => state === 'waiting');
    return calls.length === 2 && calls;
  });
  for (const { approval } of waiting) await run.decide(approval!.id!, { decision: 'approve' });
  await run.result();
  const { local, activities } = await historyOf(run);
  expect([local, activities?.filter((name) => name === 'requestApproval').length]).toEqual([0, 2]);
  expect(ran).toHaveLength(2);
});

it('review service away → the Activity asks until it is back, once', async () => {
  faults = [away, away, away];
  const run = await stack.start(turns());
  await finish(run);
  const { activities } = await historyOf(run);
  expect(activities).toEqual(['takeTurn', 'requestApproval', 'settleToolCall', 'takeTurn']);
  expect([asked, ran.length]).toEqual([4, 1]);
});

it('refused Connection Key → parks at once, and `runs retry` asks again', async () => {
  faults = [refused];
  const run = await stack.start(turns());
  expect(await until('it parks', async () => (await run.view()).parked[0])).toMatchObject({
    type: 'ReviewAccessDenied',
  });
  expect(asked).toBe(1);
  await run.signal(retrySignal);
  await finish(run);
  expect((await historyOf(run)).activities).toEqual(['takeTurn', 'settleToolCall', 'takeTurn']);
  expect(ran).toHaveLength(1);
});

it('answer after more than two seconds → the Activity repeats the request under its key: one request', async () => {
  let answer = (): void => undefined;
  faults = [
    async (ask) => {
      const answered = await ask();
      await new Promise<void>((resolve) => (answer = resolve));
      return answered;
    },
  ];
  const run = await stack.start(turns());
  const id = await run.approval();
  answer();
  await run.decide(id, { decision: 'approve' });
  await run.result();
  expect([asked, given.size, ran.length]).toEqual([2, 1, 1]);
});

it('service without idempotency keys → the Activity asks, once', async () => {
  hasKeys = false;
  const run = await stack.start(turns());
  await finish(run);
  expect((await historyOf(run)).activities).toContain('requestApproval');
  expect([asked, ran.length]).toEqual([1, 1]);
});

it('run cancelled while it asks → ends, and its request is withdrawn', async () => {
  let answer = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    faults = [
      async (ask) => {
        const answered = await ask();
        resolve();
        await new Promise<void>((go) => (answer = go));
        return answered;
      },
    ];
  });
  const run = await stack.start(turns());
  await reached;
  await run.cancel();
  answer();
  await expect(run.result()).rejects.toThrow(/cancelled/);
  const [id] = given;
  expect(await stack.dependencies.review('tester' as never).read(id!, AbortSignal.timeout(5000))).toMatchObject({
    status: 'rejected',
    reasonCode: 'withdrawn',
  });
  expect(ran).toEqual([]);
});
