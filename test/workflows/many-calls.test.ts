import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool } = mailTool();
const page = 'x'.repeat(60_000);
const pages = mailTool({ name: 'fetch_page', review: 'never', execute: ({ count }) => `${count} ${page}` });
const tooMany = 'Too many tool calls in one turn. This one was not carried out; ask for it again.';
const few = (number: number) => call('send_mail', { to: `customer ${number}`, count: 1 });

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool, pages.tool]);
});
afterAll(async () => {
  await stack.stop();
});

describe('many calls in one turn', () => {
  it('more than one search attribute holds → all wait for decisions', async () => {
    const mails = Array.from({ length: 70 }, (_, number) =>
      call('send_mail', { to: `customer ${number}`, count: 500 }),
    );
    const run = await stack.start([calling(...mails), answering('done')]);
    const waiting = await until('all wait', async () => {
      const { calls } = await run.view();
      return calls.length === mails.length && calls.every(({ state }) => state === 'waiting') && calls;
    });
    for (const { approval } of waiting) await run.decide(approval?.id ?? '', { decision: 'reject' });
    await run.result();
    expect(run.told()).toEqual(mails.map(() => 'Security system denied this specific action.'));
    expect(await run.events()).not.toContain('EVENT_TYPE_WORKFLOW_TASK_FAILED');
  });

  it("results larger than Temporal's limit together → delivered", async () => {
    const run = await stack.start([
      calling(...Array.from({ length: 40 }, (_, number) => call('fetch_page', { to: 'me', count: number + 1 }))),
      answering('done'),
    ]);
    await run.result();
    expect(run.told()).toEqual(Array.from({ length: 40 }, (_, number) => `${number + 1} ${page}`));
  });

  it('more than a hundred → the rest is not carried out, the model is told which', async () => {
    const run = await stack.start([
      calling(...Array.from({ length: 103 }, (_, number) => few(number))),
      answering('done'),
    ]);
    await run.result();
    expect(run.told()).toEqual([...Array.from({ length: 100 }, () => '{"sent":1}'), tooMany, tooMany, tooMany]);
  });

  it('large run context → fewer calls', async () => {
    const run = await stack.start(
      [calling(...Array.from({ length: 80 }, (_, number) => few(number))), answering('done')],
      { context: { notes: 'y'.repeat(64_000) } },
    );
    await run.result();
    const told = run.told();
    expect(told).toHaveLength(80);
    expect(told.filter((text) => text === '{"sent":1}').length).toBeGreaterThan(20);
    expect(told.at(-1)).toBe(tooMany);
  });

  it('more than any model makes → the run fails', async () => {
    const run = await stack.start([calling(...Array.from({ length: 10_000 }, (_, number) => few(number)))]);
    await expect(run.result()).rejects.toMatchObject({
      cause: {
        type: 'ModelResponseFailed',
        message: 'The model asked for 10000 tool calls in one turn; at most 1000 are read.',
      },
    });
  });
});

describe('unusable call id', () => {
  it.each([
    ['is half a character', 'call_\ud800'],
    ['is endless', `call_${'z'.repeat(20_000)}`],
  ])('ends the run where it %s', async (_what, callId) => {
    const run = await stack.start([calling(call('send_mail', { to: 'a', count: 1 }, callId))]);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'ModelResponseFailed' } });
  });
});

describe("arguments that can't be written as JSON again", () => {
  it.each([
    ['send_mail', '{"to":"a","count":1e999}'],
    ['nobodys', '{"count":-1e999}'],
    ['nobodys', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('of %s are answered at once', async (name, text) => {
    const run = await stack.start([calling({ callId: 'call_odd', name, arguments: text }), answering('done')]);
    await run.result();
    expect(run.told()).toEqual([
      name === 'send_mail'
        ? 'Invalid arguments for "send_mail": count: the number 1e999 is too large. Send it as text.'
        : 'Unknown tool "nobodys". Available tools: send_mail, fetch_page.',
    ]);
    expect(run.received()).toHaveLength(2);
  });
});
