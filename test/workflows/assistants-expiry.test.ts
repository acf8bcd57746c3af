import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStandInStack, type StandInStack } from '../support/stand-in-stack.ts';
import { mailTool } from '../support/tools.ts';

const { tool, ran } = mailTool();
const mail = (to: string, count = 500) => ({ name: 'send_mail', arguments: { to, count } });
const ranTo = (to: string) => ran.filter(({ args }) => args['to'] === to);
let stack: StandInStack;
beforeAll(async () => {
  stack = await startStandInStack([tool], { api: 'assistants' });
});
afterAll(() => stack.stop());

describe('a decision that comes after the ten minutes', () => {
  it('is carried into the thread, and the same call again is neither asked nor run twice', async () => {
    const run = await stack.start([{ calls: [mail('later')] }, { calls: [mail('later')] }, { text: 'All told.' }]);
    const approval = await run.approval();
    stack.advance(3 * 24 * 60 * 60 * 1000);
    await run.decide(approval, { decision: 'approve' });
    expect(await run.result()).toMatchObject({ output: { value: 'All told.' }, turns: 3, toolCalls: 1 });
    expect(ranTo('later')).toHaveLength(1);
    expect(await run.toldByTurn()).toEqual([['{"sent":500}'], ['{"sent":500}']]);
  });
});
