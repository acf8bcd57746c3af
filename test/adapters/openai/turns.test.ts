import { describe, expect, it } from 'vitest';
import { longestOutput, newItems } from '../../../src/adapters/openai/responses/items.ts';
import { postsTo, runForTest, standInForTest } from './surface-for-test.ts';

describe('run chained by response id', () => {
  it("calls, then all outputs in one request → the model's text", async () => {
    const standIn = await standInForTest();
    standIn.control.script({
      steps: [
        {
          text: 'I refund both.',
          calls: [
            { name: 'refund', arguments: { order: '7' }, callId: 'call_a' },
            { name: 'refund', arguments: { order: '8' }, callId: 'call_b' },
          ],
        },
        { text: 'Both are refunded.' },
      ],
    });
    const run = await runForTest(standIn.url);

    const asked = await run.take('Refund 7 and 8.');
    expect(asked.outcome).toEqual({
      type: 'calls',
      words: 'I refund both.',
      calls: [
        { callId: 'call_a', name: 'refund', arguments: '{"order":"7"}' },
        { callId: 'call_b', name: 'refund', arguments: '{"order":"8"}' },
      ],
    });
    const answered = await run.answer('done');
    expect(answered.outcome).toEqual({ type: 'answer', text: 'Both are refunded.' });

    const [first, second] = postsTo(standIn);
    expect(second).toMatchObject({
      previous_response_id: asked.conversation.surface['responseId'],
      input: [
        { call_id: 'call_a', output: 'done' },
        { call_id: 'call_b', output: 'done' },
      ],
    });
    for (const body of [first, second]) {
      expect(body).toMatchObject({
        model: 'gpt-5',
        instructions: 'Be kind.',
        store: true,
        stream: true,
        parallel_tool_calls: true,
        metadata: { holdpoint_run: 'run-1' },
        tools: [{ type: 'function', name: 'refund', strict: true }],
      });
    }
  });

  it('streamed text → counted', async () => {
    const standIn = await standInForTest();
    const run = await runForTest(standIn.url);
    const reply = await run.take('hello');
    expect(run.deltas).toBe(reply.outcome.type === 'answer' ? reply.outcome.text.length : -1);
  });

  it('stream: false → one JSON answer', async () => {
    const standIn = await standInForTest();
    const run = await runForTest(standIn.url, { modelSettings: { stream: false } });
    expect((await run.take('hello')).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toMatchObject([{ stream: false }]);
    expect(run.deltas).toBe(0);
  });

  it('every turn → in the transcript before it is returned', async () => {
    const standIn = await standInForTest();
    standIn.control.script({
      steps: [
        {
          reasoning: 'The order is late.',
          text: 'I refund it.',
          calls: [{ name: 'refund', arguments: { order: '7' } }],
        },
      ],
    });
    const run = await runForTest(standIn.url);
    const { conversation } = await run.take('Refund 7.');
    const entries = await run.transcript();
    expect(entries).toMatchObject([
      {
        parent: null,
        runId: 'run-1',
        firstRunId: 'first-1',
        turn: 1,
        surface: 'responses',
        words: 'I refund it.\n\nThe order is late.',
        sent: [{ role: 'user', content: [{ type: 'input_text', text: 'Refund 7.' }] }],
        received: [{ type: 'reasoning' }, { type: 'message' }, { type: 'function_call' }],
      },
    ]);
    expect(conversation).toMatchObject({ entry: entries[0]?.id, surface: { store: true, model: 'gpt-5' } });
    expect(conversation.bytes).toBeGreaterThan(100);
  });

  it("modelSettings → overridden by Holdpoint's fields", async () => {
    const standIn = await standInForTest();
    const run = await runForTest(standIn.url, {
      modelSettings: { temperature: 0.5, include: ['file_search_call.results'] },
      parallelToolCalls: false,
      store: false,
    });
    await run.take('hello');
    expect(postsTo(standIn)).toMatchObject([
      {
        temperature: 0.5,
        parallel_tool_calls: false,
        store: false,
        include: ['file_search_call.results', 'reasoning.encrypted_content'],
      },
    ]);
  });

  it("long run id → metadata within OpenAI's limits", async () => {
    const standIn = await standInForTest();
    const run = await runForTest(standIn.url);
    await run.take('hello', { runId: 'r'.repeat(900) });
    expect(postsTo(standIn)).toMatchObject([{ metadata: { holdpoint_run: 'r'.repeat(512), holdpoint_turn: '1' } }]);
  });

  it('F24 output above the limit → cut with a mark', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ calls: [{ name: 'refund', arguments: { order: '7' } }] }, { text: 'Seen.' }] });
    const run = await runForTest(standIn.url);
    await run.take('Refund 7.');
    expect((await run.answer('x'.repeat(longestOutput + 1))).outcome).toEqual({ type: 'answer', text: 'Seen.' });
    const [, entry] = await run.transcript();
    const [{ output } = { output: '' }] = (entry?.sent ?? []) as Array<{ output: string }>;
    expect(output.length).toBe(longestOutput);
    expect(output).toMatch(
      new RegExp(
        `x\\n\\[Holdpoint cut this output here: it has ${longestOutput + 1} characters, and OpenAI takes ${longestOutput}\\.\\]$`,
      ),
    );
  });

  it.each([0, 1])('F24 surrogate pair at the cut (%i) → kept whole', (offset) => {
    const [item] = newItems({
      messages: [],
      outputs: [{ callId: 'c', output: `${'x'.repeat(longestOutput - 600 + offset)}${'😀'.repeat(600)}` }],
    });
    expect(item?.['output']).toSatisfy((output: string) => output.isWellFormed() && output.length <= longestOutput);
  });

  it('F26 several rounds → no earlier output sent again', async () => {
    const standIn = await standInForTest();
    const calls = [{ name: 'refund', arguments: { order: '7' } }];
    standIn.control.script({ steps: [{ calls }, { calls }, { calls }, { text: 'Done.' }] });
    const run = await runForTest(standIn.url);
    await run.take('Go.');
    for (const round of ['1', '2', '3']) await run.answer(round);
    expect(
      postsTo(standIn)
        .slice(1)
        .map((body) => (body['input'] as unknown[]).length),
    ).toEqual([1, 1, 1]);
    expect(await run.transcript()).toHaveLength(4);
  });

  it('F13 reply lost after the commit → sent again, only the recorded child is continued', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ calls: [{ name: 'refund', arguments: { order: '7' } }] }, { text: 'Done.' }] });
    const run = await runForTest(standIn.url);
    await run.take('Go.');
    standIn.control.fault({ kind: 'drop_after_commit' });
    await expect(run.answer('ok')).rejects.toMatchObject({ type: 'ModelUnavailable' });
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(standIn.control.responses()).toHaveLength(3);
    expect(run.conversation?.surface['responseId']).toBe(standIn.control.responses()[2]?.id);
  });

  it('F14 failed request → no retry by the client', async () => {
    const standIn = await standInForTest();
    standIn.control.fault({ kind: 'server_error', times: 'always' });
    const run = await runForTest(standIn.url);
    expect(await run.failure('hello')).toMatchObject({ type: 'ModelUnavailable' });
    expect(postsTo(standIn)).toHaveLength(1);
  });
});

describe('answer of the model', () => {
  const first = async (reply: object, settings: object = {}) => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [reply, { text: 'Second.' }], progress: 'request' });
    return { standIn, run: await runForTest(standIn.url, { modelSettings: { ...settings } }) };
  };

  it('F1 F2 invalid arguments, unknown tool → returned unchanged', async () => {
    const { run } = await first({
      calls: [
        { name: 'refund', arguments: '{"order": 7' },
        { name: 'no_such_tool', arguments: '[]' },
      ],
    });
    expect((await run.take('Go.')).outcome).toMatchObject({
      calls: [
        { name: 'refund', arguments: '{"order": 7' },
        { name: 'no_such_tool', arguments: '[]' },
      ],
    });
  });

  it('F5 call id twice in one response → one call', async () => {
    const { run } = await first({
      calls: [
        { name: 'refund', arguments: { order: '7' }, callId: 'same' },
        { name: 'refund', arguments: { order: '8' }, callId: 'same' },
      ],
    });
    expect((await run.take('Go.')).outcome).toMatchObject({ calls: [{ callId: 'same', arguments: '{"order":"7"}' }] });
    expect(run.warnings.join()).toContain('twice in one response');
    expect((await run.transcript())[0]?.received).toHaveLength(1);
    // The stored response still has both, so only the transcript can be gone on with.
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Second.' });
  });

  it('F5 call id of an earlier turn, or without a prefix → kept', async () => {
    const standIn = await standInForTest();
    const calls = [{ name: 'refund', arguments: { order: '7' }, callId: '0' }];
    standIn.control.script({ steps: [{ calls }, { calls }, { text: 'Done.' }] });
    const run = await runForTest(standIn.url, { store: false });
    expect((await run.take('Go.')).outcome).toMatchObject({ calls: [{ callId: '0' }] });
    expect((await run.answer('1')).outcome).toMatchObject({ calls: [{ callId: '0' }] });
    expect((await run.answer('2')).outcome).toEqual({ type: 'answer', text: 'Done.' });
  });

  it('F15 refusal → an answer marked as refused', async () => {
    const { run } = await first({ refusal: "I can't help with that." });
    expect((await run.take('Go.')).outcome).toEqual({ type: 'answer', text: "I can't help with that.", refused: true });
  });

  it('F15 no output, or only reasoning → an empty answer', async () => {
    expect((await (await first({})).run.take('Go.')).outcome).toEqual({ type: 'answer', text: '' });
    expect((await (await first({ reasoning: 'Hm.' })).run.take('Go.')).outcome).toEqual({ type: 'answer', text: '' });
  });

  it('text although a call was required → an answer', async () => {
    const { run } = await first({ text: 'No.' }, { tool_choice: 'required' });
    expect((await run.take('Go.')).outcome).toEqual({ type: 'answer', text: 'No.' });
  });

  it.each(['max_output_tokens', 'length', 'content_filter', 'max_messages'])(
    'F16 a half-written call in a response cut off by %s is never returned',
    async (incomplete) => {
      const { run } = await first({ calls: [{ name: 'refund', arguments: { order: '7' } }], incomplete });
      expect((await run.failure('Go.')).type).toBe(
        incomplete === 'content_filter' ? 'ModelBlocked' : 'ModelIncomplete',
      );
      expect(run.conversation).toBeNull();
    },
  );

  it('F16 cut off at max_output_tokens → sent once more with twice as many', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ text: 'All of it.', minOutputTokens: 150 }] });
    const run = await runForTest(standIn.url, { modelSettings: { max_output_tokens: 100 } });
    expect((await run.take('Go.')).outcome).toEqual({ type: 'answer', text: 'All of it.' });
    expect(postsTo(standIn).map((body) => body['max_output_tokens'])).toEqual([100, 200]);
  });

  it('F16 cut off twice → fails and names the limit to raise', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps: [{ text: 'All of it.', minOutputTokens: 1000 }] });
    const run = await runForTest(standIn.url, { modelSettings: { max_output_tokens: 100 } });
    expect(await run.failure('Go.')).toMatchObject({
      type: 'ModelIncomplete',
      message: expect.stringContaining('Raise modelSettings.max_output_tokens') as unknown,
    });
    expect(postsTo(standIn)).toHaveLength(2);
  });

  it.each([
    ['F18 rate_limit_exceeded', 'ModelRateLimited'],
    ['F18 server_error', 'ModelUnavailable'],
    ['F17 invalid_prompt', 'ModelBlocked'],
    ['F17 bio_policy', 'ModelBlocked'],
    ['F17 misalignment_policy_violation', 'ModelBlocked'],
    ['data_residency_mismatch', 'ModelBlocked'],
    ['insufficient_quota', 'QuotaExhausted'],
    ['vector_store_timeout', 'ModelUnavailable'],
    ['invalid_image', 'ModelResponseFailed'],
  ])('failed response with %s → %s, with its detail', async (name, type) => {
    const code = name.split(' ').at(-1) ?? '';
    const { run } = await first({ failed: { code, message: 'Because of this.', steer: { message: 'Try that.' } } });
    const failure = await run.failure('Go.');
    expect(failure.type).toBe(type);
    expect(failure.message).toContain(`(${code}): Because of this. Try that.`);
  });

  it('F28 another kind of call → refused by name', async () => {
    const { run } = await first({
      items: [{ type: 'mcp_approval_request', server_label: 'x', name: 'y', arguments: '{}' }],
    });
    expect(await run.failure('Go.')).toMatchObject({
      type: 'ModelResponseFailed',
      message: expect.stringContaining('mcp_approval_request') as unknown,
    });
  });
});

it('takeTurn: cancelled → ends with the reason', async () => {
  const standIn = await standInForTest();
  standIn.control.fault({ kind: 'hold' });
  const run = await runForTest(standIn.url);
  const abort = new AbortController();
  const turn = run.take('hello', { signal: abort.signal });
  await expect.poll(() => postsTo(standIn)).toHaveLength(1);
  const reason = new Error('Cancelled by the run.');
  abort.abort(reason);
  await expect(turn).rejects.toBe(reason);
});

it('takeTurn: cancelled during a stream → stops reading', async () => {
  const standIn = await standInForTest();
  const hold = standIn.control.fault({ kind: 'hold', at: 'during' });
  const run = await runForTest(standIn.url);
  const abort = new AbortController();
  const turn = run.take('hello', { signal: abort.signal });
  await expect.poll(() => hold.happened()).toBe(1);
  abort.abort(new Error('Cancelled by the run.'));
  await expect(turn).rejects.toThrow('Cancelled by the run.');
});
