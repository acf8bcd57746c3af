import { OpenAI } from 'openai';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@holdpoint/json';
import type { OpenAIStandIn } from '@holdpoint/openai-stand-in';
import { apiKey, postsTo, runForTest, standInForTest } from '../surface-for-test.ts';

const calls = [{ name: 'refund', arguments: { order: '7' }, callId: 'call_7' }];
const steps = [{ calls }, { text: 'Done.' }];

async function itemsOf(standIn: OpenAIStandIn, id: string): Promise<string[]> {
  const page = await new OpenAI({ apiKey, baseURL: standIn.url }).conversations.items.list(id, {
    order: 'asc',
    limit: 100,
  });
  return page.data.map((item) => (item.type === 'message' ? item.role : item.type));
}

describe("conversation: 'run'", () => {
  it('run → one conversation, only new items are sent', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    await run.take('Refund 7.');
    const id = run.surfaceText('conversationId');
    expect(run.note).toMatchObject({ conversationId: id });
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(postsTo(standIn)).toMatchObject([
      { conversation: id },
      { conversation: id, input: [{ type: 'function_call_output' }] },
    ]);
    expect(await itemsOf(standIn, id)).toEqual(['user', 'function_call', 'function_call_output', 'assistant']);
  });

  it('reply to an output lost → read from the conversation, output not sent again', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    await run.take('Refund 7.');
    standIn.control.fault({ kind: 'drop_after_commit', match: { method: 'POST', path: '/v1/responses' } });
    await expect(run.answer('ok')).rejects.toMatchObject({ type: 'ModelUnavailable' });
    expect((await run.answer('ok', { resumeFrom: run.note })).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(postsTo(standIn)).toHaveLength(2);
    expect(await itemsOf(standIn, run.surfaceText('conversationId'))).toEqual([
      'user',
      'function_call',
      'function_call_output',
      'assistant',
    ]);
  });

  it('no checkpoint, call id in two turns → output not sent again', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ calls }, { calls }, { text: 'Done.' }] });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    await run.take('Refund 7.');
    standIn.control.fault({ kind: 'drop_after_commit', match: { method: 'POST', path: '/v1/responses' } });
    await expect(run.answer('one')).rejects.toMatchObject({ type: 'ModelUnavailable' });
    expect((await run.answer('one')).outcome).toMatchObject({ type: 'calls', calls: [{ callId: 'call_7' }] });
    expect((await run.answer('two')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(postsTo(standIn)).toHaveLength(3);
  });

  it('reply to the first message lost → not sent again', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    standIn.control.fault({ kind: 'drop_after_commit', match: { path: '/v1/responses' } });
    await run.failure('Refund 7.');
    expect((await run.take('Refund 7.', { resumeFrom: run.note })).outcome).toMatchObject({ type: 'calls' });
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('cut off at max_output_tokens → not sent again', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ text: 'All of it.', minOutputTokens: 150 }] });
    const run = await runForTest(standIn.url, { conversation: 'run', modelSettings: { max_output_tokens: 100 } });
    expect((await run.failure('Go.')).type).toBe('ModelIncomplete');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('conversation_locked → ModelUnavailable, retried', async () => {
    const standIn = await standInForTest();
    standIn.control.fault({ kind: 'conversation_locked', match: { path: '/v1/responses' } });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    expect(await run.failure('hello')).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('Another process') as unknown,
    });
    expect((await run.take('hello', { resumeFrom: run.note })).outcome.type).toBe('answer');
  });

  it('deleted, or damaged by another client → a new one with the transcript', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ calls }, { calls }, { text: 'Done.' }] });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    await run.take('Refund 7.');
    const openai = new OpenAI({ apiKey, baseURL: standIn.url });
    await openai.conversations.delete(run.surfaceText('conversationId'));
    expect((await run.answer('one')).outcome.type).toBe('calls');
    const second = run.surfaceText('conversationId');
    const { data } = await openai.conversations.items.list(second, { order: 'desc', limit: 1 });
    await openai.conversations.items.delete((data[0] as { id?: string }).id ?? '', { conversation_id: second });
    expect((await run.answer('two')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    const third = run.surfaceText('conversationId');
    expect(third).not.toBe(second);
    expect(await itemsOf(standIn, third)).toEqual([
      'user',
      'function_call',
      'function_call_output',
      'function_call',
      'function_call_output',
      'assistant',
    ]);
  });

  it('half-written call of a lost reply → not run', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ calls }, { text: 'Done.' }] });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    await run.take('Refund 7.');
    const id = run.surfaceText('conversationId');
    const openai = new OpenAI({ apiKey, baseURL: standIn.url });
    await openai.conversations.items.create(id, {
      items: [
        { type: 'function_call_output', call_id: 'call_7', output: 'ok' },
        { type: 'function_call', call_id: 'call_8', name: 'refund', arguments: '{"ord', status: 'incomplete' },
      ],
    });
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(run.conversation?.surface['conversationId']).not.toBe(id);
  });
});

describe('conversation: { id }', () => {
  it('existing items → used after them', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps });
    const openai = new OpenAI({ apiKey, baseURL: standIn.url });
    const { id } = await openai.conversations.create({
      items: [
        { role: 'user', content: 'Refund 7.' },
        { role: 'assistant', content: 'No.' },
      ],
    });
    const run = await runForTest(standIn.url, { conversation: { id } });
    standIn.control.fault({ kind: 'drop_after_commit', match: { path: '/v1/responses' } });
    await run.failure('Refund 7.');
    expect((await run.take('Refund 7.', { resumeFrom: run.note })).outcome.type).toBe('calls');
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(await itemsOf(standIn, id)).toEqual([
      'user',
      'assistant',
      'user',
      'function_call',
      'function_call_output',
      'assistant',
    ]);
  });

  it('unknown id → ModelRequestRefused', async () => {
    const standIn = await standInForTest();
    const run = await runForTest(standIn.url, { conversation: { id: 'conv_none' } });
    expect(await run.failure('hello')).toMatchObject({
      type: 'ModelRequestRefused',
      message: "The conversation conv_none does not exist. Check the assistant's conversation id.",
    });
  });

  it('run chained so far → continues there with its transcript', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps });
    const chained = await runForTest(standIn.url);
    await chained.take('Refund 7.');
    const run = await runForTest(
      standIn.url,
      { conversation: 'run' },
      {
        transcripts: {
          append: async () => ({ entry: 'e', digest: 'd', bytes: 1 }),
          read: () => chained.transcript(),
          newestOf: async () => [],
          get: async () => undefined,
        },
      },
    );
    const input: JsonObject[] = [];
    expect(
      (
        await run.take(
          { outputs: [{ callId: 'call_7', output: 'ok' }], messages: [] },
          { conversation: chained.conversation },
        )
      ).outcome,
    ).toEqual({ type: 'answer', text: 'Done.' });
    input.push(...(postsTo(standIn).at(-1)?.['input'] as JsonObject[]));
    expect(input.map(({ type }) => type)).toEqual(['message', 'function_call', 'function_call_output']);
  });
});

it('conversation: background response of an earlier attempt → continued', async () => {
  const standIn = await standInForTest();
  const run = await runForTest(standIn.url, { conversation: 'run', background: true });
  const abort = new AbortController();
  await expect(
    run.take('hello', {
      signal: abort.signal,
      checkpoint: async (note) => {
        run.note = note;
        if ('responseId' in note) abort.abort(new Error('The worker went down.'));
      },
    }),
  ).rejects.toThrow('The worker went down.');
  expect(run.note).toMatchObject({
    conversationId: expect.stringMatching(/^conv_/) as unknown,
    responseId: expect.stringMatching(/^resp_/) as unknown,
  });
  expect((await run.take('hello', { resumeFrom: run.note })).outcome.type).toBe('answer');
  expect(postsTo(standIn)).toHaveLength(1);
});

it('conversation: background response deleted after its commit → outputs not sent twice', async () => {
  const standIn = await standInForTest({ background: { pollsUntilFinished: 1, milliseconds: 1e9 } });
  standIn.control.script({ steps });
  const run = await runForTest(standIn.url, { conversation: 'run', background: true });
  await run.take('Refund 7.');
  const abort = new AbortController();
  await expect(
    run.answer('ok', {
      signal: abort.signal,
      checkpoint: async (note) => {
        run.note = note;
        if ('responseId' in note) abort.abort(new Error('The worker went down.'));
      },
    }),
  ).rejects.toThrow('The worker went down.');
  const openai = new OpenAI({ apiKey, baseURL: standIn.url });
  const responseId = run.note?.['responseId'] as string;
  await openai.responses.retrieve(responseId);
  await openai.responses.delete(responseId);
  expect((await run.answer('ok', { resumeFrom: run.note })).outcome).toEqual({ type: 'answer', text: 'Done.' });
  expect(postsTo(standIn)).toHaveLength(2);
});
