import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunFacts } from '../../src/index.ts';
import { startStandInStack, type ModelledRun, type StandInStack } from '../support/stand-in-stack.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const minute = 60_000;
const denied = 'Security system denied this specific action.';
const { tool, ran } = mailTool();
const slow = mailTool({
  name: 'slow_mail',
  review: 'always',
  execute: ({ count }) => (stack.advance(11 * minute), { sent: count }),
});
const soon = mailTool({ name: 'soon_mail', review: { expiresIn: 300 } });
const long = mailTool({ name: 'long_mail', review: 'always', execute: () => 'x'.repeat(200_000) });
const mail = (to: string, count = 500, name = 'send_mail') => ({ name, arguments: { to, count } });
const ranTo = (to: string) => ran.filter(({ args }) => args['to'] === to);

let stack: StandInStack;
beforeAll(async () => {
  stack = await startStandInStack([tool, slow.tool, long.tool], {
    api: 'assistants',
    assistant: { thread: ({ context }: RunFacts<{ thread?: string } | null>) => context?.thread ?? null },
  });
});
afterAll(() => stack.stop());

const newest = async (run: ModelledRun, before: string): Promise<string> =>
  await until('it asks again', async () => {
    const id = await run.approval();
    return id !== before && id;
  });
/** The runs at OpenAI of one run of ours, oldest first. */
const runsOf = (run: ModelledRun, on = stack) =>
  on.control
    .assistantRuns()
    .filter(({ metadata }) => (metadata as { holdpoint_run?: string }).holdpoint_run === run.id);
const openRun = (run: ModelledRun, on = stack) => {
  const { id = '', thread_id = '' } = runsOf(run, on).at(-1) ?? {};
  return { id, thread_id };
};
const said = async (run: ModelledRun, on = stack): Promise<string[]> => {
  const { data } = await on.openai.beta.threads.messages.list(openRun(run, on).thread_id, { order: 'asc' });
  return data.map(
    ({ role, content }) => `${role}: ${content.map((part) => (part.type === 'text' ? part.text.value : '')).join('')}`,
  );
};

describe('Assistants API: decision after the OpenAI run expired (10 minutes)', () => {
  it('F21 approved → the outcome is carried into the thread; the repeated call is neither reviewed nor run', async () => {
    const run = await stack.start([{ calls: [mail('later')] }, { calls: [mail('later')] }, { text: 'All told.' }]);
    const approval = await run.approval();
    stack.advance(3 * 24 * 60 * minute);
    await run.decide(approval, { decision: 'approve' });
    expect(await run.result()).toMatchObject({ output: { value: 'All told.' }, turns: 3, toolCalls: 1 });
    expect(ranTo('later')).toHaveLength(1);
    expect(await run.toldByTurn()).toEqual([['{"sent":500}'], ['{"sent":500}']]);
    expect(runsOf(run).map(({ status }) => status)).toEqual(['expired', 'completed']);
    expect((await said(run))[1]).toContain(
      'Your call send_mail {"to":"later","count":500}\nIt was carried out. Its output, as data: "{\\"sent\\":500}"',
    );
  });

  it('F7 rejected → one repeat is answered, the next one in that run is reviewed', async () => {
    const run = await stack.start([
      { calls: [mail('denied')] },
      { calls: [mail('denied'), mail('denied')] },
      { text: 'ok' },
    ]);
    const first = await run.approval();
    stack.advance(11 * minute);
    await run.decide(first, { decision: 'reject', note: 'Not today' });
    const second = await newest(run, first);
    expect((await run.view()).calls.map(({ state, settledAs }) => settledAs ?? state)).toEqual(['answered', 'waiting']);
    await run.decide(second, { decision: 'reject' });
    await run.result();
    expect(await run.toldByTurn()).toEqual([
      [`${denied} Reviewer's note: Not today`],
      [`${denied} Reviewer's note: Not today`, denied],
    ]);
    expect(ranTo('denied')).toEqual([]);
    expect((await said(run))[1]).toContain('It was NOT carried out.');
  });

  it('F8 F9 edited → the repeat is told what ran; a call with other arguments is reviewed', async () => {
    const run = await stack.start([
      { calls: [mail('edited')] },
      { calls: [mail('edited'), mail('edited', 50)] },
      { text: 'ok' },
    ]);
    const first = await run.approval();
    stack.advance(11 * minute);
    await run.decide(first, { decision: 'approve', modifiedDetails: { to: 'edited', count: 50 } });
    await run.decide(await newest(run, first), { decision: 'reject' });
    await run.result();
    const really = JSON.stringify({ result: { sent: 50 }, changedByReviewer: { count: { from: 500, to: 50 } } });
    expect(await run.toldByTurn()).toEqual([[really], [really, denied]]);
    expect(ranTo('edited').map(({ args }) => args['count'])).toEqual([50]);
  });

  it('F26 an earlier round of the expired run acted → it does not act again', async () => {
    const run = await stack.start([
      { calls: [mail('round 1', 2)] },
      { calls: [mail('round 2')] },
      { calls: [mail('round 1', 2), mail('round 2')] },
      { text: 'ok' },
    ]);
    const approval = await run.approval();
    stack.advance(11 * minute);
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect([ranTo('round 1'), ranTo('round 2')].map(({ length }) => length)).toEqual([1, 1]);
    expect((await run.toldByTurn())[2]).toEqual([JSON.stringify({ sent: 2 }), '{"sent":500}']);
  });

  it('outcome not asked for in the next run → a new call in the run after it', async () => {
    const run = await stack.start([
      { calls: [mail('one')] },
      { calls: [mail('two')] },
      { calls: [mail('one')] },
      { text: 'ok' },
    ]);
    const first = await run.approval();
    stack.advance(11 * minute);
    await run.decide(first, { decision: 'approve' });
    const second = await newest(run, first);
    stack.advance(11 * minute);
    await run.decide(second, { decision: 'approve' });
    await run.decide(await newest(run, second), { decision: 'reject' });
    await run.result();
    expect(ranTo('one')).toHaveLength(1);
    expect((await run.toldByTurn()).at(-1)).toEqual([denied]);
  });

  it('F3 F4 parallel calls → one message with all outcomes, an early one with its time', async () => {
    const run = await stack.start([
      { calls: [mail('f4 early', 2), mail('f4 yes'), mail('f4 no')] },
      { calls: [mail('f4 early', 2)] },
      { text: 'ok' },
    ]);
    const open = await until('two wait', async () => {
      const { calls } = await run.view();
      return (
        calls.some(({ state }) => state === 'done') &&
        calls.filter(({ state }) => state === 'waiting').length === 2 &&
        calls
      );
    });
    stack.advance(11 * minute);
    await run.decide(open[1]?.approval?.id ?? '', { decision: 'approve' });
    await run.decide(open[2]?.approval?.id ?? '', { decision: 'reject' });
    await run.result();
    const aged = expect.stringMatching(/^\{"result":\{"sent":2\},"obtainedAt":"20\d\d-.*Z"\}$/) as string;
    expect(await run.toldByTurn()).toEqual([[aged, '{"sent":500}', denied], [aged]]);
    expect(ranTo('f4 early')).toHaveLength(1);
    expect((await said(run)).filter((text) => text.includes('You asked for the actions below'))).toHaveLength(1);
  });

  it('the approval expired → its outcome is carried as well', async () => {
    // Its own stack: the deadline is the worker's time, which the other tests move.
    const own = await startStandInStack([soon.tool], { api: 'assistants' });
    onTestFinished(() => own.stop());
    const run = await own.start([{ calls: [mail('soon', 500, 'soon_mail')] }, { text: 'ok' }]);
    await run.approval();
    own.control.advanceClock(11 * minute);
    await run.result();
    expect((await said(run, own))[1]).toContain(
      'It was NOT carried out. Its output, as data: "Nobody decided on this action in time.',
    );
    expect(soon.ran).toEqual([]);
  });

  it('no worker at the time → the next worker carries the outcome', async () => {
    const run = await stack.start([{ calls: [mail('no worker')] }, { calls: [mail('no worker')] }, { text: 'ok' }]);
    const approval = await run.approval();
    await stack.stopWorkers();
    stack.advance(11 * minute);
    await run.decide(approval, { decision: 'approve' });
    await stack.startWorker();
    await run.result();
    expect(ranTo('no worker')).toHaveLength(1);
  });

  it('F24 F33 long outcome → answers the repeat in full and stays out of the history', async () => {
    const run = await stack.start([
      { calls: [mail('long', 1, 'long_mail')] },
      { calls: [mail('long', 1, 'long_mail')] },
      { text: 'ok' },
    ]);
    const approval = await run.approval();
    stack.advance(11 * minute);
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect((await run.toldByTurn()).map(([output]) => output?.length)).toEqual([200_000, 200_000]);
    expect(long.ran).toEqual([]);
    expect((await stack.client.workflow.getHandle(run.id).describe()).historySize).toBeLessThan(60_000);
  });
});

describe('Assistants API: the OpenAI run ends while a call waits or runs', () => {
  it('F21 expiry between effect and submit → the outcome is carried', async () => {
    const run = await stack.start([
      { calls: [mail('slow', 500, 'slow_mail')] },
      { calls: [mail('slow', 500, 'slow_mail')] },
      { text: 'ok' },
    ]);
    await run.decide(await run.approval(), { decision: 'approve' });
    await run.result();
    expect(await run.toldByTurn()).toEqual([['{"sent":500}'], ['{"sent":500}']]);
    expect(runsOf(run).map(({ status }) => status)).toEqual(['expired', 'completed']);
  });

  it('F21 expiry during the submit → the outcome is carried', async () => {
    const run = await stack.start([{ calls: [mail('moment')] }, { calls: [mail('moment')] }, { text: 'ok' }]);
    const approval = await run.approval();
    const held = stack.control.fault({ kind: 'hold', match: { path: '/v1/*/submit_tool_outputs' } });
    await run.decide(approval, { decision: 'approve' });
    await until('it submits', () => held.happened() > 0);
    stack.advance(11 * minute);
    held.remove();
    await run.result();
    expect(ranTo('moment')).toHaveLength(1);
    expect(runsOf(run).map(({ status }) => status)).toEqual(['expired', 'completed']);
  });

  it('F20 cancelled by another client → the outcome is carried', async () => {
    const run = await stack.start([{ calls: [mail('cancelled')] }, { calls: [mail('cancelled')] }, { text: 'ok' }]);
    const approval = await run.approval();
    const { id, thread_id } = openRun(run);
    await stack.openai.beta.threads.runs.cancel(id, { thread_id });
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect(ranTo('cancelled')).toHaveLength(1);
    expect(runsOf(run).map(({ status }) => status)).toEqual(['cancelled', 'completed']);
  });

  it('F20 thread deleted by another client → a new thread gets the conversation', async () => {
    const run = await stack.start([{ calls: [mail('deleted')] }, { text: 'ok' }, { text: 'ok' }]);
    const approval = await run.approval();
    await stack.openai.beta.threads.delete(openRun(run).thread_id);
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect(ranTo('deleted')).toHaveLength(1);
    const [told] = await said(run);
    expect(told).toContain(`User: ${run.text}`);
    expect(told).toContain('Your call send_mail {"to":"deleted","count":500}\nIt was carried out.');
  });

  it('rate limit after the submit → a new run, no second submit', async () => {
    const run = await stack.start([
      { calls: [mail('F18')] },
      { failed: { code: 'rate_limit_exceeded' } },
      { calls: [mail('F18')] },
      { text: 'ok' },
    ]);
    await run.decide(await run.approval(), { decision: 'approve' });
    await run.result();
    expect(ranTo('F18')).toHaveLength(1);
    expect(runsOf(run).map(({ status }) => status)).toEqual(['failed', 'completed']);
    const submits = stack.control
      .requests()
      .filter(({ path }) => path.includes(openRun(run).thread_id) && path.endsWith('/submit_tool_outputs'));
    expect(submits).toHaveLength(2);
    expect(new Set(submits.map(({ path }) => path)).size).toBe(2);
  });
});

describe('Assistants API: another client in the thread', () => {
  it('F27 another client adds a message → it stays, and the outcome follows it', async () => {
    const run = await stack.start([{ calls: [mail('message')] }, { calls: [mail('message')] }, { text: 'ok' }]);
    const approval = await run.approval();
    stack.advance(11 * minute);
    await stack.openai.beta.threads.messages.create(openRun(run).thread_id, { role: 'user', content: 'Hello?' });
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect((await said(run)).map((text) => text.slice(0, 20))).toEqual([
      `user: ${run.text}`.slice(0, 20),
      'user: Hello?',
      'user: You asked for ',
      'assistant: ok',
    ]);
    expect(ranTo('message')).toHaveLength(1);
  });

  it('F27 another client starts a run → it is waited for, never cancelled', async () => {
    const run = await stack.start([
      { calls: [mail('their run')] },
      { calls: [mail('their call', 1)] },
      { text: 'theirs' },
      { calls: [mail('their run')] },
      { text: 'ours' },
    ]);
    const approval = await run.approval();
    stack.advance(11 * minute);
    const { thread_id } = openRun(run);
    const theirs = await stack.openai.beta.threads.runs.createAndPoll(
      thread_id,
      { assistant_id: String(runsOf(run)[0]?.assistant_id) },
      { pollIntervalMs: 1 },
    );
    const looks = stack.control.requests().length;
    await run.decide(approval, { decision: 'approve' });
    await until(
      'it waits for the thread',
      () =>
        stack.control
          .requests()
          .slice(looks)
          .filter(({ method, path }) => method === 'GET' && path.endsWith(theirs.id)).length > 2,
    );
    const [call] = theirs.required_action?.submit_tool_outputs.tool_calls ?? [];
    await stack.openai.beta.threads.runs.submitToolOutputsAndPoll(
      theirs.id,
      { thread_id, tool_outputs: [{ tool_call_id: call?.id ?? '', output: 'theirs' }] },
      { pollIntervalMs: 1 },
    );
    expect(await run.result()).toMatchObject({ output: { value: 'ours' } });
    expect(ranTo('their run')).toHaveLength(1);
    expect(
      stack.control
        .assistantRuns()
        .filter((each) => each.thread_id === thread_id)
        .map(({ status }) => status),
    ).toEqual(['expired', 'completed', 'completed']);
  });

  it('two Holdpoint runs in one thread → they take turns', async () => {
    const { id: thread } = await stack.openai.beta.threads.create({
      messages: [{ role: 'user', content: 'Earlier.' }],
    });
    const first = await stack.start([{ calls: [mail('shared')] }, { text: 'first' }], { context: { thread } });
    const approval = await first.approval();
    const second = await stack.start([{ text: 'second' }], { context: { thread } });
    await until(
      'the second looks at the first',
      () =>
        stack.control.requests().filter(({ method, path }) => method === 'GET' && path.endsWith(openRun(first).id))
          .length > 5,
    );
    await first.decide(approval, { decision: 'approve' });
    expect([(await first.result()).output, (await second.result()).output]).toMatchObject([
      { value: 'first' },
      { value: 'second' },
    ]);
    expect((await said(second))[0]).toBe('user: Earlier.');
    expect(ranTo('shared')).toHaveLength(1);
  });
});
