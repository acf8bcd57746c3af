import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@holdpoint/json';
import { defineAssistant } from '../../../../src/index.ts';
import type { OpenAIStandIn } from '@holdpoint/openai-stand-in';
import { postsTo, refund, runForTest, standInForTest } from '../surface-for-test.ts';

const steps = [
  { reasoning: 'Late.', calls: [{ name: 'refund', arguments: { order: '7' } }] },
  { reasoning: 'Fine.', text: 'Done.' },
];
const inputOf = (body: JsonObject | undefined) => (body?.['input'] ?? []) as JsonObject[];
const types = (body: JsonObject | undefined) => inputOf(body).map(({ type }) => type);
const month = 31 * 24 * 60 * 60 * 1000;

async function scripted(): Promise<OpenAIStandIn> {
  const standIn = await standInForTest();
  standIn.control.script({ steps });
  return standIn;
}

describe('saved transcript', () => {
  it('stored response expired → sent', async () => {
    const standIn = await scripted();
    const run = await runForTest(standIn.url);
    await run.take('Refund 7.');
    standIn.control.advanceClock(month);
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    const last = postsTo(standIn).at(-1);
    expect(last).not.toHaveProperty('previous_response_id');
    expect(types(last)).toEqual(['message', 'function_call', 'function_call_output']);
    expect((await run.transcript())[1]?.sent).toHaveLength(1);
  });

  it.each([
    ["in OpenAI's words", []],
    ['as 404', [{ kind: 'unknown_parent_404' }]],
    ['as {detail}', [{ kind: 'error_shape', shape: 'detail' }]],
    ['as 404 {message}', [{ kind: 'unknown_parent_404' }, { kind: 'error_shape', shape: 'message' }]],
    ['as 404 without a body', [{ kind: 'unknown_parent_404' }, { kind: 'error_shape', shape: 'empty' }]],
    ['as a 404 page', [{ kind: 'unknown_parent_404' }, { kind: 'error_shape', shape: 'html' }]],
  ] as const)('server reports it missing %s → sent', async (_name, faults) => {
    const standIn = await scripted();
    const run = await runForTest(standIn.url);
    await run.take('Refund 7.');
    standIn.control.fault({ kind: 'forget_parent' });
    for (const fault of faults) standIn.control.fault(fault);
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(run.warnings.join()).toContain('Sending the saved transcript');
  });

  it('store: false → sent every turn, reasoning beside its call', async () => {
    const standIn = await scripted();
    const run = await runForTest(standIn.url, { store: false });
    await run.take('Refund 7.');
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    const [first, second] = postsTo(standIn);
    expect(first).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
    expect(types(second)).toEqual(['message', 'reasoning', 'function_call', 'function_call_output']);
    expect(second).not.toHaveProperty('previous_response_id');
  });

  it("model changed → sent without the other model's reasoning", async () => {
    const standIn = await scripted();
    const run = await runForTest(standIn.url);
    await run.take('Refund 7.');
    const assistant = defineAssistant({ name: 'comms', model: 'gpt-5-mini', tools: [refund] });
    expect((await run.answer('ok', { assistant })).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(types(postsTo(standIn).at(-1))).toEqual(['message', 'function_call', 'function_call_output']);
    expect(run.conversation?.surface).toMatchObject({ model: 'gpt-5-mini' });
  });

  it('model changed → sent without unreadable reasoning', async () => {
    const standIn = await scripted();
    const run = await runForTest(standIn.url, { store: false });
    await run.take('Refund 7.');
    const assistant = defineAssistant({ name: 'comms', model: 'gpt-5-mini', tools: [refund], store: false });
    await run.answer('ok', { assistant });
    expect(types(postsTo(standIn).at(-1))).toEqual(['message', 'function_call', 'function_call_output']);
  });

  it('after a replay → chained again', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [...steps.slice(0, 1), ...steps.slice(0, 1), ...steps.slice(1)] });
    const run = await runForTest(standIn.url);
    await run.take('Refund 7.');
    standIn.control.fault({ kind: 'forget_parent' });
    await run.answer('ok');
    expect((await run.answer('ok')).outcome.type).toBe('answer');
    expect(postsTo(standIn).at(-1)).toHaveProperty('previous_response_id');
  });
});

describe('refused reasoning', () => {
  it('replay → left out together with ids, and stays out', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [...steps.slice(0, 1), ...steps.slice(0, 1), ...steps.slice(1)] });
    const run = await runForTest(standIn.url, { store: false });
    await run.take('Refund 7.');
    standIn.control.fault({ kind: 'refuse_encrypted_reasoning' });
    await run.answer('ok');
    const plain = postsTo(standIn).at(-1);
    expect(types(plain)).toEqual(['message', 'function_call', 'function_call_output']);
    expect(inputOf(plain).some((item) => 'id' in item)).toBe(false);

    // The next turn leaves out the refused reasoning and keeps later reasoning.
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(types(postsTo(standIn).at(-1))).toEqual([
      'message',
      'function_call',
      'function_call_output',
      'reasoning',
      'function_call',
      'function_call_output',
    ]);
    expect(postsTo(standIn)).toHaveLength(4);
  });
});

it('F29 missing transcript → ConversationLost', async () => {
  const standIn = await scripted();
  const run = await runForTest(standIn.url);
  await run.take('Refund 7.');
  standIn.control.fault({ kind: 'forget_parent' });
  const lost = { ...run.conversation!, entry: 'gone' };
  await expect(run.answer('ok', { conversation: lost })).rejects.toMatchObject({
    type: 'ConversationLost',
    message: expect.stringContaining('entry gone') as unknown,
  });
});

it('F30 retired model → ModelRetired, and the turn continues with the next model', async () => {
  const standIn = await scripted();
  const run = await runForTest(standIn.url);
  await run.take('Refund 7.');
  standIn.control.retireModel('gpt-5');
  await expect(run.answer('ok')).rejects.toMatchObject({
    type: 'ModelRetired',
    message: expect.stringContaining('The model "gpt-5" or the address was not found') as unknown,
  });
  const assistant = defineAssistant({ name: 'comms', model: 'gpt-6', tools: [refund] });
  expect((await run.answer('ok', { assistant })).outcome).toEqual({ type: 'answer', text: 'Done.' });
});
