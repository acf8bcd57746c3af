import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool } = mailTool();
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool]);
});
afterAll(async () => {
  await stack.stop();
});

describe('many calls in one turn', () => {
  it('wait for people although one search attribute can\'t name them all', async () => {
    const mails = Array.from({ length: 70 }, (_, number) => call('send_mail', { to: `customer ${number}`, count: 500 }));
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
});
