import { describe, expect, test } from 'vitest';
import { defineAssistant, type RunFacts } from '../../../../src/index.ts';
import { assistantsForTest, refundCall } from './assistants-for-test.ts';

const askThenAnswer = [{ text: 'I refund it.', calls: [refundCall('7', 'a')] }, { text: 'Refunded.' }];

describe('Assistants API: turns', () => {
  test('calls, then a submit and the answer → one run of one thread', async () => {
    const run = await assistantsForTest(askThenAnswer);
    const first = await run.take('Refund order 7.');
    expect(first.outcome).toEqual({
      type: 'calls',
      calls: [{ callId: 'a', name: 'refund', arguments: '{"order":"7"}' }],
      words: 'I refund it.',
    });
    const second = await run.answer({ a: 'done' });
    expect(second.outcome).toEqual({ type: 'answer', text: 'Refunded.' });
    expect(run.statuses()).toEqual(['completed']);
    expect(await run.said()).toEqual(['user: Refund order 7.', 'assistant: I refund it.', 'assistant: Refunded.']);
  });

  test('every turn → in the transcript with sent and received items', async () => {
    const run = await assistantsForTest(askThenAnswer);
    await run.take('Refund order 7.');
    await run.answer({ a: 'done' });
    const [first, second] = await run.transcript();
    expect(first).toMatchObject({
      surface: 'assistants',
      turn: 1,
      parent: null,
      words: 'I refund it.',
      sent: [{ type: 'message', text: 'Refund order 7.' }],
    });
    expect(first?.received).toMatchObject([
      { type: 'run' },
      { type: 'message', text: 'I refund it.' },
      { type: 'function_call', call_id: 'a', name: 'refund', arguments: '{"order":"7"}' },
    ]);
    expect(second).toMatchObject({
      parent: first?.id,
      sent: [{ type: 'function_call_output', call_id: 'a', output: 'done' }],
      received: [{ type: 'run' }, { type: 'message', text: 'Refunded.' }],
    });
  });

  test('F.3, F.4: several calls → all outputs in one request', async () => {
    const run = await assistantsForTest([{ calls: [refundCall('7', 'a'), refundCall('8', 'b')] }, { text: 'Both.' }]);
    await run.take('Refund both.');
    await run.answer({ a: 'done', b: 'Security system denied this specific action.' });
    expect(run.posts('/submit_tool_outputs').map(({ body }) => body)).toEqual([
      {
        tool_outputs: [
          { tool_call_id: 'a', output: 'done' },
          { tool_call_id: 'b', output: 'Security system denied this specific action.' },
        ],
      },
    ]);
  });

  test('F.26: several rounds → one run', async () => {
    const run = await assistantsForTest([
      { text: 'One.', calls: [refundCall('7', 'a')] },
      { text: 'Two.', calls: [refundCall('8', 'b')] },
      { text: 'Done.' },
    ]);
    await run.take('Refund.');
    expect((await run.answer({ a: 'ok' })).outcome).toMatchObject({
      type: 'calls',
      words: 'Two.',
      calls: [{ callId: 'b' }],
    });
    expect((await run.answer({ b: 'ok' })).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(run.statuses()).toEqual(['completed']);
  });

  test('F.1, F.2: invalid arguments, unknown names → returned unchanged', async () => {
    const run = await assistantsForTest([{ calls: [{ name: 'invented', arguments: '{"half', callId: 'a' }] }]);
    expect((await run.take('Go.')).outcome).toMatchObject({ calls: [{ name: 'invented', arguments: '{"half' }] });
  });

  test('F.5: call id twice in one turn → one call', async () => {
    const run = await assistantsForTest([{ calls: [refundCall('7', 'a'), refundCall('7', 'a')] }]);
    expect((await run.take('Go.')).outcome).toMatchObject({ calls: [{ callId: 'a' }] });
  });

  test('F.15: empty answer, refusal → answers', async () => {
    expect((await (await assistantsForTest([{}])).take('Go.')).outcome).toEqual({ type: 'answer', text: '' });
    expect((await (await assistantsForTest([{ refusal: "I can't." }])).take('Go.')).outcome).toEqual({
      type: 'answer',
      text: "I can't.",
      refused: true,
    });
  });

  test('second message → the same thread', async () => {
    const run = await assistantsForTest([{ text: 'Hello.' }, { text: 'Again.' }]);
    await run.take('Hi.');
    expect((await run.take('And now?')).outcome).toEqual({ type: 'answer', text: 'Again.' });
    expect(await run.said()).toEqual(['user: Hi.', 'assistant: Hello.', 'user: And now?', 'assistant: Again.']);
  });
});

describe('Assistants API: assistant and thread', () => {
  test('definition → created once, found by its digest from another process', async () => {
    const run = await assistantsForTest([{ text: '1' }, { text: '2' }, { text: '3' }]);
    await run.take('Hi.');
    await run.take('Hi.');
    run.surface = run.newSurface();
    await run.take('Hi.');
    const { data } = await run.openai.beta.assistants.list();
    expect(data).toMatchObject([
      {
        name: 'comms',
        model: 'gpt-5',
        instructions: 'Be kind.',
        tools: [{ type: 'function', function: { name: 'refund', strict: true } }],
      },
    ]);
  });

  test("assistantId → used, with the definition's model and instructions", async () => {
    const run = await assistantsForTest([{ text: 'Hello.' }, { text: 'Hello again.' }]);
    const { id } = await run.openai.beta.assistants.create({ model: 'gpt-4o', instructions: 'Its own.' });
    const existing = { name: 'comms', api: 'assistants' as const, assistantId: id };
    await run.take('Hi.', {
      assistant: defineAssistant({
        ...existing,
        model: 'gpt-5',
        instructions: 'Be kind.',
        modelSettings: { temperature: 0.5 },
      }),
    });
    await run.take('Hi.', { assistant: defineAssistant(existing) });
    expect((await run.openai.beta.assistants.list()).data).toHaveLength(1);
    expect(run.control.assistantRuns()).toMatchObject([
      { assistant_id: id, model: 'gpt-5', instructions: 'Be kind.', temperature: 0.5 },
      { assistant_id: id, model: 'gpt-4o', instructions: 'Its own.' },
    ]);
  });

  test('deleted assistant → created again; deleted assistantId → ModelRetired', async () => {
    const run = await assistantsForTest([{ text: '1' }, { text: '2' }]);
    await run.take('Hi.');
    for (const { id } of (await run.openai.beta.assistants.list()).data) await run.openai.beta.assistants.delete(id);
    expect((await run.take('Hi.')).outcome).toEqual({ type: 'answer', text: '2' });
    expect(
      await run.failure(
        run.take('Hi.', { assistant: defineAssistant({ name: 'comms', api: 'assistants', assistantId: 'asst_gone' }) }),
      ),
    ).toMatchObject({ type: 'ModelRetired', message: expect.stringContaining('asst_gone') as string });
  });

  test('thread option → used, also as a function; deleted → refused by name', async () => {
    const run = await assistantsForTest([{ text: 'Hello.' }], {
      thread: ({ context }: RunFacts<{ thread: string }>) => context.thread,
    });
    const { id } = await run.openai.beta.threads.create({ messages: [{ role: 'user', content: 'Earlier.' }] });
    await run.take('Hi.', { context: { thread: id } });
    expect(await run.said(id)).toEqual(['user: Earlier.', 'user: Hi.', 'assistant: Hello.']);
    const elsewhere = await assistantsForTest([{ text: 'Hello.' }], { thread: 'thread_gone' });
    expect(await elsewhere.failure(elsewhere.take('Hi.'))).toMatchObject({
      type: 'ModelRequestRefused',
      message: expect.stringContaining('thread_gone') as string,
    });
  });

  test('thread function returns null → new thread; another value → refused', async () => {
    const none = await assistantsForTest([{ text: 'Hello.' }], { thread: () => Promise.resolve(null) });
    await none.take('Hi.');
    expect(await none.said()).toEqual(['user: Hi.', 'assistant: Hello.']);
    const odd = await assistantsForTest([{ text: 'Hello.' }], { thread: () => undefined as never });
    expect(await odd.failure(odd.take('Hi.'))).toMatchObject({
      type: 'ModelRequestRefused',
      message:
        'thread of the assistant "comms" must return the id of a thread, or null for a new one. It returned undefined.',
    });
  });

  test('given thread deleted during the wait → not replaced', async () => {
    const run = await assistantsForTest([{ calls: [refundCall('7', 'a')] }], {
      thread: ({ context }: RunFacts<{ thread: string }>) => context.thread,
    });
    const { id } = await run.openai.beta.threads.create();
    await run.take('Hi.', { context: { thread: id } });
    await run.openai.beta.threads.delete(id);
    expect(await run.failure(run.answer({ a: 'done' }))).toMatchObject({
      type: 'ModelRequestRefused',
      message: expect.stringContaining(id) as string,
    });
  });
});

describe('Assistants API: ends of a run', () => {
  test.each([
    [{ failed: { code: 'rate_limit_exceeded' } }, 'ModelRateLimited'],
    [
      { failed: { code: 'rate_limit_exceeded', message: 'You exceeded your current quota, please check your plan.' } },
      'QuotaExhausted',
    ],
    [{ failed: { code: 'server_error' } }, 'ModelUnavailable'],
    [{ failed: { code: 'invalid_prompt' } }, 'ModelBlocked'],
    [{ failed: { code: 'never_heard_of' } }, 'ModelResponseFailed'],
    [{ text: 'Half an answer', incomplete: 'max_completion_tokens' }, 'ModelIncomplete'],
    [{ text: 'Half an answer', incomplete: 'max_prompt_tokens' }, 'ModelIncomplete'],
    [{ text: 'Half an answer', incomplete: 'content_filter' }, 'ModelBlocked'],
  ] as const)('F.16, F.17, F.19: %j → %s', async (reply, type) => {
    const run = await assistantsForTest([reply]);
    expect((await run.failure(run.take('Go.'))).type).toBe(type);
  });

  test('F.34: API ended → one failure that names responses', async () => {
    const run = await assistantsForTest([{ calls: [refundCall('7', 'a')] }]);
    await run.take('Go.');
    run.control.retireAssistants();
    const failure = await run.failure(run.answer({ a: 'ok' }));
    expect(failure.type).toBe('ModelRetired');
    expect(failure.message).toContain('Write api: \'responses\' in the assistant "comms"');
    const fresh = await assistantsForTest([{ text: 'Hello.' }]);
    fresh.control.retireAssistants();
    expect((await fresh.failure(fresh.take('Hi.'))).message).toContain('every path answers 404');
  });

  test('F.30: unknown model → ModelRetired for the model, not the API', async () => {
    const run = await assistantsForTest([{ text: 'Hello.' }]);
    run.control.retireModel('gpt-5');
    expect(await run.failure(run.take('Hi.'))).toMatchObject({
      type: 'ModelRetired',
      message: expect.stringContaining('The model "gpt-5" or the address was not found') as string,
    });
  });

  test('F.19: HTTP errors → classified as for responses, no key in them', async () => {
    const run = await assistantsForTest([{ text: 'Hello.' }]);
    run.control.fault({ kind: 'insufficient_quota' });
    expect((await run.failure(run.take('Hi.'))).type).toBe('QuotaExhausted');
    run.control.fault({ kind: 'status', status: 400, message: 'Bad key sk-test-canary-4711.' });
    expect((await run.failure(run.take('Hi.'))).message).not.toContain('canary');
  });

  test('conversation of another API → ConversationLost', async () => {
    const run = await assistantsForTest([{ text: 'Hello.' }]);
    run.conversation = { entry: 'e', digest: 'd', bytes: 1, surface: { responseId: 'resp_1' } };
    expect((await run.failure(run.take('Hi.'))).type).toBe('ConversationLost');
  });
});
