import { describe, expect, test } from 'vitest';
import { assistantsForTest, refundCall } from './assistants-for-test.ts';

const steps = [{ calls: [refundCall('7', 'a')] }, { calls: [refundCall('7', 'b')] }, { text: 'Done.' }];

describe.each(['drop', 'drop_after_commit'] as const)('F.12, F.13: lost reply (%s)', (kind) => {
  test.each(['/assistants', '/threads', '/messages', '/runs'])(
    'of POST %s at the start doubles no message and no run',
    async (ending) => {
      const run = await assistantsForTest(steps);
      run.fault(kind, ending);
      expect((await run.failure(run.take('Refund.'))).type).toBe('ModelUnavailable');
      const reply = await run.take('Refund.', { resumeFrom: run.note });
      expect(reply.outcome).toMatchObject({ calls: [{ callId: 'a' }] });
      expect(run.control.assistantRuns()).toHaveLength(1);
      expect(await run.said()).toEqual(['user: Refund.']);
      expect((await run.openai.beta.assistants.list()).data).toHaveLength(1);
    },
  );

  test('submit → one output for each call', async () => {
    const run = await assistantsForTest(steps);
    await run.take('Refund.');
    run.fault(kind, '/submit_tool_outputs');
    await run.failure(run.answer({ a: 'done' }));
    expect((await run.answer({ a: 'done' })).outcome).toEqual({
      type: 'calls',
      words: null,
      calls: [{ callId: 'b', name: 'refund', arguments: '{"order":"7"}' }],
    });
    expect(run.control.assistantRuns()).toHaveLength(1);
    expect(run.posts('/submit_tool_outputs').filter(({ faults }) => !faults.includes('drop'))).toHaveLength(1);
  });

  test.each(['/messages', '/runs'])('POST %s after the expiry → each outcome carried once', async (ending) => {
    const run = await assistantsForTest(steps);
    await run.take('Refund.');
    run.expire();
    run.fault(kind, ending);
    await run.failure(run.answer({ a: 'done' }));
    expect((await run.answer({ a: 'done' })).outcome).toMatchObject({ calls: [{ callId: 'b', answer: 'done' }] });
    expect(run.statuses()).toEqual(['expired', 'requires_action']);
    expect(await run.said()).toHaveLength(2);
  });
});

describe('Assistants API: attempt that died', () => {
  test('before the polls → its run is stored, and the next attempt continues it', async () => {
    const run = await assistantsForTest(steps);
    run.control.fault({ kind: 'server_error', match: { method: 'GET', path: '/v1/threads/*/runs/*' }, times: 5 });
    await run.failure(run.take('Refund.'));
    expect(run.note).toMatchObject({ runId: run.control.assistantRuns()[0]?.id });
    await run.take('Refund.', { resumeFrom: run.note });
    expect(run.control.assistantRuns()).toHaveLength(1);
  });

  test("after the model's answer → the reply is read again", async () => {
    const run = await assistantsForTest(steps);
    await run.take('Refund.');
    const before = run.conversation;
    await run.answer({ a: 'done' });
    run.conversation = before;
    expect((await run.answer({ a: 'done' }, { turn: 2 })).outcome).toMatchObject({ calls: [{ callId: 'b' }] });
    expect(run.posts('/submit_tool_outputs')).toHaveLength(1);
  });

  test('F.14: failed request → no retry by the client', async () => {
    const run = await assistantsForTest(steps);
    run.control.fault({ kind: 'server_error', match: { method: 'POST' } });
    await run.failure(run.take('Refund.'));
    expect(run.control.requests().filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('cancelled → ends at once with the reason', async () => {
    const run = await assistantsForTest(steps);
    run.control.fault({ kind: 'stay_in_progress' });
    const cancel = new AbortController();
    const taking = run.take('Refund.', { signal: cancel.signal });
    await expect.poll(() => run.control.assistantRuns().length).toBe(1);
    cancel.abort(new Error('cancelled by its Run'));
    await expect(taking).rejects.toThrow('cancelled by its Run');
  });
});
