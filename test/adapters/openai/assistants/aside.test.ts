import { describe, expect, it } from 'vitest';
import { assistantsForTest, refundCall } from './assistants-for-test.ts';

/** Asks beside the thread whose run waits for the output of `call_1`. */
async function asked(options: Parameters<typeof assistantsForTest>[2] = {}) {
  const run = await assistantsForTest(
    [{ calls: [refundCall('A-17', 'call_1')] }, { text: 'For Ada.' }, { text: 'Done.' }],
    {},
    options,
  );
  await run.take('Refund A-17.');
  const aside = () =>
    run.surface.answerAside({
      assistant: run.assistant,
      runId: 'run-1',
      firstRunId: 'first-1',
      turn: 1,
      conversation: run.conversation!,
      outputs: [{ callId: 'call_1', output: 'A reviewer asks: who?' }],
      signal: new AbortController().signal,
    });
  return { run, aside };
}

describe('question beside a thread', () => {
  it('answered by the Responses API of the server, the thread stays as it was', async () => {
    const { run, aside } = await asked();
    expect(await aside()).toBe('For Ada.');
    expect(run.statuses()).toEqual(['requires_action']);
    expect(await run.said()).toEqual(['user: Refund A-17.']);
  });

  it('server without a Responses API (404) → ModelRetired with the reason, the thread goes on', async () => {
    const { run, aside } = await asked({
      fetch: async (url, init) =>
        /\/responses(?:\?|$)/.test(url instanceof Request ? url.url : String(url))
          ? Response.json({ error: { message: 'Invalid URL (POST /v1/responses)' } }, { status: 404 })
          : await fetch(url, init),
    });
    expect(await run.failure(aside())).toMatchObject({
      type: 'ModelRetired',
      message: expect.stringContaining('its model server has no Responses API') as string,
    });
    expect(run.statuses()).toEqual(['requires_action']);
    expect((await run.answer({ call_1: 'done' })).outcome).toMatchObject({ type: 'answer' });
  });
});
