import { signInReviewer, type ReviewerClient } from '@holdpoint/review-server/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { until } from '../support/until.ts';

const request = { action: 'refund', summary: 'Refund A-17', details: { order: 'A-17', amount: 80 } };

describe('question of a reviewer on a standalone approval', () => {
  let stack: RunStack;
  let reviewer: ReviewerClient;
  beforeAll(async () => {
    stack = await startRunStack([]);
    reviewer = (await signInReviewer(stack.reviewServer.url, 'rita', 'a good password')).client;
  });
  afterAll(() => stack.stop());

  async function requested() {
    const handle = await stack.holdpoint.approvals.request({ ...request, assistant: 'tester' });
    const run = stack.attach(handle.id);
    const id = await run.approval();
    const shown = async () => (await reviewer.call('GET /approvals/{id}', { path: { id } })).questions;
    return {
      handle,
      run,
      id,
      shown,
      ask: (text: string) => reviewer.call('POST /approvals/{id}/questions', { path: { id }, body: { text } }),
      answered: (count: number) =>
        until(`${count} answers`, async () => {
          const questions = await shown();
          return questions.filter(({ answer }) => answer !== null).length === count && questions;
        }),
    };
  }

  it('program asks, reviewer asks back twice, program answers each once, reviewer approves', async () => {
    const { handle, run, id, ask, answered } = await requested();
    const heard: string[] = [];
    const result = handle.result({
      onQuestion: async ({ text }) => {
        heard.push(text);
        return `Answer to: ${text}`;
      },
    });
    await ask('Which order?');
    expect((await answered(1))[0]).toMatchObject({ text: 'Which order?', answer: 'Answer to: Which order?' });
    await ask('Who paid?');
    expect((await answered(2))[1]).toMatchObject({ answer: 'Answer to: Who paid?' });
    await run.decide(id, { decision: 'approve' });
    expect(await result).toMatchObject({ outcome: 'approved' });
    expect(heard).toEqual(['Which order?', 'Who paid?']);
  });

  it('onQuestion without an answer → open until approvals.answer; the first answer counts', async () => {
    const { handle, run, id, ask, answered, shown } = await requested();
    let question = '';
    const result = handle.result({ onQuestion: (each) => void (question = each.id) });
    await ask('Which order?');
    await until('the program gets it', () => question !== '');
    expect((await shown())[0]).toMatchObject({ answer: null, problem: null });
    await handle.answer({ question, answer: 'A-17.' });
    expect(await handle.answer({ question, answer: 'A-18.' })).toMatchObject({ answer: 'A-17.' });
    expect((await answered(1))[0]).toMatchObject({ answer: 'A-17.' });
    await run.decide(id, { decision: 'reject', note: 'No.' });
    expect(await result).toMatchObject({ outcome: 'rejected' });
  });

  it('onQuestion throws → the wait ends with its error, the approval stays open', async () => {
    const { handle, run, id, ask, shown } = await requested();
    const result = handle.result({
      onQuestion: () => {
        throw new Error('no customer database');
      },
    });
    const failure = result.then(
      () => undefined,
      (error: unknown) => error,
    );
    await ask('Which order?');
    expect(await failure).toMatchObject({ message: 'no customer database' });
    expect([(await run.view()).state, (await shown())[0]!.answer]).toEqual(['waiting', null]);
    await run.decide(id, { decision: 'approve' });
    await run.result();
  });
});
