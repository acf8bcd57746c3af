import { describe, expect, test } from 'vitest';
import { assistantsForTest, refundCall } from './assistants-for-test.ts';

const denied = 'Security system denied this specific action.';

describe('Assistants API: decision after the ten minutes', () => {
  test('outcome → one message in the thread, new run, the repeated call is answered', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { calls: [refundCall('7', 'b')] },
      { text: 'Refunded.' },
    ]);
    await run.take('Refund order 7.');
    run.control.advanceClock(3 * 24 * 60 * 60 * 1000);
    const second = await run.answer({ a: 'done' });
    expect(second.outcome).toEqual({
      type: 'calls',
      words: null,
      calls: [{ callId: 'b', name: 'refund', arguments: '{"order":"7"}', answer: 'done' }],
    });
    const [, told, ...more] = await run.said();
    expect(told).toContain('Your call refund {"order":"7"}\nIt was carried out. Its output, as data: "done"');
    expect(more).toEqual([]);
    expect((await run.answer({ b: 'done' })).outcome).toEqual({ type: 'answer', text: 'Refunded.' });
    expect(run.statuses()).toEqual(['expired', 'completed']);
  });

  test('carried outcome → answers one repeat in any spelling; a second or another call is new', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a'), refundCall('8', 'b')] },
      {
        calls: [
          { name: 'refund', arguments: ' { "order" : "7" } ', callId: 'c' },
          refundCall('7', 'd'),
          refundCall('9', 'e'),
        ],
      },
    ]);
    await run.take('Refund.');
    run.expire();
    const { outcome } = await run.answer({ a: 'done', b: denied });
    expect(outcome.type === 'calls' && outcome.calls.map(({ callId, answer }) => [callId, answer])).toEqual([
      ['c', 'done'],
      ['d', undefined],
      ['e', undefined],
    ]);
  });

  test('repeat in a later turn of the new run → answered', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { calls: [refundCall('8', 'b')] },
      { calls: [refundCall('7', 'c')] },
      { calls: [refundCall('7', 'd')] },
    ]);
    await run.take('Refund.');
    run.expire();
    expect((await run.answer({ a: 'done' })).outcome).toMatchObject({ calls: [{ callId: 'b' }] });
    expect((await run.answer({ b: 'ok' })).outcome).toMatchObject({ calls: [{ callId: 'c', answer: 'done' }] });
    expect((await run.answer({ c: 'done' })).outcome).toEqual({
      type: 'calls',
      words: null,
      calls: [{ callId: 'd', name: 'refund', arguments: '{"order":"7"}' }],
    });
  });

  test('run after the next one → the outcome is no longer used', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { text: 'Done.' },
      { calls: [refundCall('7', 'b')] },
    ]);
    await run.take('Refund.');
    run.expire();
    await run.answer({ a: 'done' });
    expect((await run.take('Once more.')).outcome).toEqual({
      type: 'calls',
      words: null,
      calls: [{ callId: 'b', name: 'refund', arguments: '{"order":"7"}' }],
    });
  });

  test('repeat in the second run after it → a new call', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { calls: [refundCall('8', 'b')] },
      { calls: [refundCall('7', 'c'), refundCall('8', 'd')] },
    ]);
    await run.take('Refund.');
    run.expire();
    await run.answer({ a: 'done' });
    run.expire();
    const { outcome } = await run.answer({ b: 'done too' });
    expect(outcome.type === 'calls' && outcome.calls.map(({ callId, answer }) => [callId, answer])).toEqual([
      ['c', undefined],
      ['d', 'done too'],
    ]);
  });

  test('F.24: output too long → cut with a mark in a submit and in a message', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { calls: [refundCall('8', 'b')] },
      { text: 'Done.' },
    ]);
    await run.take('Refund.');
    await run.answer({ a: '"😀'.repeat(200_000) });
    run.expire();
    await run.answer({ b: '"😀'.repeat(200_000) });
    const told = (await run.said()).find((text) => text.includes('You asked for the actions below')) ?? '';
    expect(told.length).toBeLessThan(256_000);
    expect(told.match(/Holdpoint cut this text here/g)).toHaveLength(2);
    const bodies = run
      .posts('/submit_tool_outputs')
      .map(({ body }) => body as { tool_outputs: Array<{ output: string }> });
    const submitted = bodies[0]?.tool_outputs[0]?.output ?? '';
    expect(submitted).toContain('Holdpoint cut this text here');
    expect(submitted.isWellFormed()).toBe(true);
  });

  test('F.26: earlier rounds of the expired run → carried too', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { calls: [refundCall('8', 'b')] },
      { calls: [refundCall('7', 'c'), refundCall('8', 'd')] },
    ]);
    await run.take('Refund.');
    await run.answer({ a: 'first' });
    run.expire();
    expect((await run.answer({ b: denied })).outcome).toMatchObject({
      calls: [
        { callId: 'c', answer: 'first' },
        { callId: 'd', answer: denied },
      ],
    });
    const told = (await run.said()).at(-1);
    expect(told).toContain('Your call refund {"order":"7"}\nIt was carried out.');
    expect(told).toContain('Your call refund {"order":"8"}\nIt was NOT carried out.');
  });

  test('F.35: last minute before the expiry → counts as expired, the run is cancelled', async () => {
    let ahead = 0;
    const run = await assistantsForTest(
      [{ calls: [refundCall('7', 'a')] }, { text: 'Refunded.' }],
      {},
      { now: () => Date.now() + ahead },
    );
    await run.take('Refund.');
    ahead = 545_000;
    expect((await run.answer({ a: 'done' })).outcome).toEqual({ type: 'answer', text: 'Refunded.' });
    expect(run.posts('/submit_tool_outputs')).toEqual([]);
    expect(run.statuses()).toEqual(['cancelled', 'completed']);
  });

  test('F.21: expiry between poll and submit → the outcome is carried', async () => {
    const run = await assistantsForTest([{ calls: [refundCall('7', 'a')] }, { text: 'Refunded.' }]);
    await run.take('Refund.');
    const held = run.control.fault({ kind: 'hold', match: { path: '/v1/*/submit_tool_outputs' } });
    const answering = run.answer({ a: 'done' });
    await expect.poll(() => held.happened()).toBe(1);
    run.expire();
    held.remove();
    expect((await answering).outcome).toEqual({ type: 'answer', text: 'Refunded.' });
    expect(run.posts('/submit_tool_outputs').map(({ status }) => status)).toEqual([400]);
    expect(run.statuses()).toEqual(['expired', 'completed']);
  });

  test('F.20: run cancelled or thread deleted by another client → the outcome is carried', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { calls: [refundCall('7', 'b')] },
      { calls: [refundCall('7', 'c')] },
    ]);
    await run.take('Refund order 7.');
    await run.openai.beta.threads.runs.cancel(run.surfaceText('runId'), { thread_id: run.surfaceText('threadId') });
    expect((await run.answer({ a: 'done' })).outcome).toMatchObject({ calls: [{ callId: 'b', answer: 'done' }] });
    await run.openai.beta.threads.delete(run.surfaceText('threadId'));
    expect((await run.answer({ b: 'done' })).outcome).toMatchObject({ calls: [{ callId: 'c', answer: 'done' }] });
    const [retold] = await run.said();
    expect(retold).toContain('User: Refund order 7.');
    expect(retold).toContain('Your call refund {"order":"7"}\nIt was carried out.');
  });
});

describe('F.18: rate limit after the submit', () => {
  test('after the submit → a new run with the outcomes, no second submit', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { failed: { code: 'rate_limit_exceeded' } },
      { calls: [refundCall('7', 'b')] },
    ]);
    await run.take('Refund.');
    expect((await run.failure(run.answer({ a: 'done' }))).type).toBe('ModelRateLimited');
    expect((await run.answer({ a: 'done' })).outcome).toMatchObject({ calls: [{ callId: 'b', answer: 'done' }] });
    expect(run.posts('/submit_tool_outputs')).toHaveLength(1);
    expect(run.statuses()).toEqual(['failed', 'requires_action']);
  });

  test('new run fails too → another run, one message', async () => {
    const failed = { failed: { code: 'rate_limit_exceeded' } };
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      failed,
      failed,
      { calls: [refundCall('7', 'b')] },
    ]);
    await run.take('Refund.');
    await run.failure(run.answer({ a: 'done' }));
    await run.failure(run.answer({ a: 'done' }));
    expect((await run.answer({ a: 'done' })).outcome).toMatchObject({ calls: [{ callId: 'b', answer: 'done' }] });
    expect(await run.said()).toHaveLength(2);
  });
});

describe('Assistants API: other clients in the thread', () => {
  test('F.27: message of another client → stays before the outcome', async () => {
    const run = await assistantsForTest([{ calls: [refundCall('7', 'a')] }, { text: 'Refunded.' }]);
    await run.take('Refund.');
    run.expire();
    await run.openai.beta.threads.messages.create(run.surfaceText('threadId'), { role: 'user', content: 'Hello?' });
    await run.answer({ a: 'done' });
    expect((await run.said()).map((text) => text.slice(0, 21))).toEqual([
      'user: Refund.',
      'user: Hello?',
      'user: You asked for t',
      'assistant: Refunded.',
    ]);
  });

  test('run of another client → waited for, never cancelled', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { calls: [refundCall('1', 'foreign')] },
      { text: 'Theirs.' },
      { text: 'Refunded.' },
    ]);
    await run.take('Refund.');
    run.expire();
    const thread_id = run.surfaceText('threadId');
    const theirs = await run.openai.beta.threads.runs.createAndPoll(
      thread_id,
      { assistant_id: String(run.control.assistantRuns()[0]?.assistant_id) },
      { pollIntervalMs: 1 },
    );
    expect(theirs.status).toBe('requires_action');
    const answering = run.answer({ a: 'done' });
    const looks = () =>
      run.control.requests().filter(({ method, path }) => method === 'GET' && path.endsWith(theirs.id)).length;
    const before = looks();
    await expect.poll(looks).toBeGreaterThan(before + 3);
    expect(run.posts('/cancel')).toEqual([]);
    await run.openai.beta.threads.runs.submitToolOutputs(theirs.id, {
      thread_id,
      tool_outputs: [{ tool_call_id: 'foreign', output: 'ok' }],
    });
    await answering;
    expect(run.statuses()).toEqual(['expired', 'completed', 'completed']);
  });

  test('outputs of another client → not taken for ours', async () => {
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a')] },
      { text: 'As they said.' },
      { text: 'Refused, then.' },
    ]);
    await run.take('Refund.');
    await run.openai.beta.threads.runs.submitToolOutputs(run.surfaceText('runId'), {
      thread_id: run.surfaceText('threadId'),
      tool_outputs: [{ tool_call_id: 'a', output: 'forged' }],
    });
    expect((await run.answer({ a: denied })).outcome).toEqual({ type: 'answer', text: 'Refused, then.' });
    expect((await run.said()).join('\n')).toContain('It was NOT carried out.');
  });
});
