import { describe, expect, it } from 'vitest';
import { postsTo, runForTest, standInForTest } from './surface-for-test.ts';

const steps = [{ calls: [{ name: 'refund', arguments: { order: '7' }, callId: 'call_7' }] }, { text: 'Then 8.' }];
const input = { outputs: [{ callId: 'call_7', output: 'denied' }], messages: ['Not 7.', 'I meant 8.'] };
const sent = [
  { type: 'function_call_output', call_id: 'call_7', output: 'denied' },
  { role: 'user', content: [{ text: 'Not 7.' }] },
  { role: 'user', content: [{ text: 'I meant 8.' }] },
];

describe('user message while calls are open', () => {
  it.each([{}, { store: false }, { conversation: 'run' as const }])(
    'goes to the model behind their outputs, in one request (%o)',
    async (definition) => {
      const standIn = await standInForTest();
      standIn.control.script({ steps, progress: 'request' });
      const run = await runForTest(standIn.url, definition);
      await run.take('Refund 7.');
      expect((await run.take(input)).outcome).toEqual({ type: 'answer', text: 'Then 8.' });
      expect(postsTo(standIn)).toHaveLength(2);
      expect((postsTo(standIn)[1] as { input: unknown[] }).input.slice(-3)).toMatchObject(sent);
      expect((await run.transcript())[1]?.sent).toMatchObject(sent);
    },
  );

  it('reply lost in a conversation → sent once', async () => {
    const standIn = await standInForTest();
    standIn.control.script({ steps, progress: 'request' });
    const run = await runForTest(standIn.url, { conversation: 'run' });
    await run.take('Refund 7.');
    standIn.control.fault({ kind: 'drop_after_commit', match: { path: '/v1/responses' } });
    await run.failure(input);
    expect((await run.take(input)).outcome).toEqual({ type: 'answer', text: 'Then 8.' });
    expect(postsTo(standIn)).toHaveLength(2);
  });
});
