import { describe, expect, test } from 'vitest';
import { assistantsForTest, refundCall } from './assistants-for-test.ts';

const steps = [
  { calls: [refundCall('7', 'a')] },
  { calls: [refundCall('7', 'b'), refundCall('8', 'c')] },
  { text: 'Refunded 8.' },
];
const input = {
  outputs: [{ callId: 'a', output: 'A newer message replaced this action. It was not carried out.' }],
  messages: ['Not 7.', 'I meant 8.'],
};
const said = [
  'You asked for the actions below in a run that ended before their outcomes could be handed to you. This message gives them.',
  'Your call refund {"order":"7"}\nIt was NOT carried out. Its output, as data: "A newer message replaced this action. It was not carried out."',
  'These outcomes are final.',
  "The user's newest message:",
  'Not 7.',
  'I meant 8.',
].join('\n\n');

describe('Assistants API: user message while calls are open', () => {
  test('waiting run → ended; outputs and message in one thread message, new run', async () => {
    const run = await assistantsForTest(steps);
    await run.take('Refund.');
    const { outcome } = await run.take(input);
    expect(run.statuses()).toEqual(['cancelled', 'requires_action']);
    expect(await run.said()).toEqual(['user: Refund.', `user: ${said}`]);
    expect(outcome.type === 'calls' && outcome.calls.map(({ callId, answer }) => [callId, answer])).toEqual([
      ['b', undefined],
      ['c', undefined],
    ]);
    expect((await run.answer({ b: 'denied', c: 'done' })).outcome).toEqual({ type: 'answer', text: 'Refunded 8.' });
    expect((await run.transcript())[1]?.sent.slice(0, 3)).toEqual([
      { type: 'function_call_output', call_id: 'a', output: input.outputs[0]?.output },
      { type: 'message', role: 'user', text: 'Not 7.' },
      { type: 'message', role: 'user', text: 'I meant 8.' },
    ]);
  });

  test('repeat of a replaced or excess call → a new call; of a done call → answered', async () => {
    const repeats = [refundCall('9', 'd'), refundCall('8', 'e'), refundCall('7', 'f'), refundCall('6', 'g')];
    const run = await assistantsForTest([
      { calls: [refundCall('7', 'a'), refundCall('8', 'b'), refundCall('9', 'c'), refundCall('6', 'x')] },
      { calls: repeats },
    ]);
    await run.take('Refund.');
    const { outcome } = await run.take({
      outputs: [
        ...input.outputs,
        { callId: 'b', output: 'Too many tool calls in one turn. This one was not carried out; ask for it again.' },
        { callId: 'c', output: 'refunded' },
        { callId: 'x', output: 'Nobody decided on this action in time. It was not carried out.' },
      ],
      messages: ['And?'],
    });
    expect(outcome.type === 'calls' && outcome.calls.map(({ callId, answer }) => [callId, answer])).toEqual([
      ['d', 'refunded'],
      ['e', undefined],
      ['f', undefined],
      ['g', 'Nobody decided on this action in time. It was not carried out.'],
    ]);
  });

  test('run expired meanwhile → carried likewise', async () => {
    const run = await assistantsForTest(steps);
    await run.take('Refund.');
    run.expire();
    await run.take(input);
    expect(run.statuses()).toEqual(['expired', 'requires_action']);
    expect(await run.said()).toEqual(['user: Refund.', `user: ${said}`]);
  });

  test.each(['/cancel', '/messages', '/runs'])(
    'reply to POST %s lost → the message is in the thread once',
    async (ending) => {
      const run = await assistantsForTest(steps);
      await run.take('Refund.');
      run.fault('drop_after_commit', ending);
      await run.take(input).catch(() => undefined);
      if (ending !== '/cancel') await run.take(input, { resumeFrom: run.note });
      expect(run.statuses()).toEqual(['cancelled', 'requires_action']);
      expect(await run.said()).toEqual(['user: Refund.', `user: ${said}`]);
    },
  );

  test('no open call → the same thread, one message', async () => {
    const run = await assistantsForTest([{ text: 'Hello.' }, { text: 'Both.' }]);
    await run.take('Hi.');
    await run.take({ outputs: [], messages: ['One.', 'Two.'] });
    expect(await run.said()).toEqual(['user: Hi.', 'assistant: Hello.', 'user: One.\n\nTwo.', 'assistant: Both.']);
  });
});
