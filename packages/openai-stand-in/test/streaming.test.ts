import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../src/scripts/script.ts';
import { startForTest } from './start-for-test.ts';

const ask = { model: 'gpt-4.1', input: 'go' };

async function eventsOf(reply: Reply, more: object = {}) {
  const { openai, control } = await startForTest();
  control.script({ steps: [reply] });
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of await openai.responses.create({ ...ask, ...more, stream: true })) events.push(event);
  return { openai, events, final: events.at(-1) as OpenAI.Responses.ResponseCompletedEvent };
}

describe('a streamed response', () => {
  it("events → OpenAI's order, numbered from 0", async () => {
    const { events } = await eventsOf({ text: 'Short.' });
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
  });

  it.each<[string, Reply, string]>([
    [
      'text, reasoning and calls',
      {
        reasoning: 'I think about it for a while.',
        text: 'I will look into this for you.',
        calls: [
          { name: 'refund', arguments: { order: 'a long order number, 1234567890' } },
          { name: 'look', arguments: {} },
        ],
      },
      'completed',
    ],
    ['a refusal', { refusal: 'I can not help with this, I am afraid.' }, 'completed'],
    ['nothing at all', {}, 'completed'],
    ['letters outside the basic plane', { text: '🙂'.repeat(40) }, 'completed'],
    ['a text cut off', { text: 'This goes on and on and never ends.', incomplete: 'max_output_tokens' }, 'incomplete'],
    ['a failure', { failed: { code: 'server_error', message: 'Broken.' } }, 'failed'],
  ])('ends with the same response as is stored: %s', async (_case, reply, status) => {
    const { openai, events, final } = await eventsOf(reply);
    expect(final.type).toBe(`response.${status}`);
    const { output_text: _text, ...stored } = await openai.responses.retrieve(final.response.id);
    expect(JSON.parse(JSON.stringify(final.response))).toEqual(JSON.parse(JSON.stringify(stored)));
    const done = events.flatMap((event) => (event.type === 'response.output_item.done' ? [event.item] : []));
    expect(done).toEqual(final.response.output);
  });

  it('deltas → join to the arguments and the text', async () => {
    const given = JSON.stringify({ order: 'x'.repeat(100) });
    const { events } = await eventsOf({ text: 'y'.repeat(100), calls: [{ name: 'refund', arguments: given }] });
    const joined = (type: string) =>
      events
        .flatMap((event) =>
          event.type === type && 'delta' in event && typeof event.delta === 'string' ? [event.delta] : [],
        )
        .join('');
    expect(joined('response.function_call_arguments.delta')).toBe(given);
    expect(joined('response.output_text.delta')).toBe('y'.repeat(100));
    expect(events.find(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject({
      name: 'refund',
      arguments: given,
    });
  });

  it('half-written call → no done event', async () => {
    const { events, final } = await eventsOf({
      calls: [{ name: 'refund', arguments: '{"order":"123456"}' }],
      incomplete: 'max_output_tokens',
    });
    expect(events.map(({ type }) => type)).not.toContain('response.function_call_arguments.done');
    expect(final).toMatchObject({
      type: 'response.incomplete',
      response: {
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'incomplete', arguments: '{"order":' }],
      },
    });
  });

  it("official package's streaming client → reads it", async () => {
    const { openai } = await startForTest();
    const final = await openai.responses.stream({ ...ask, input: 'Hello' }).finalResponse();
    expect(final.output_text).toContain('You wrote: Hello');
  });

  it('background → queued first', async () => {
    const { events } = await eventsOf({ text: 'x' }, { background: true, store: true });
    expect(events.slice(0, 3).map(({ type }) => type)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
    ]);
  });

  it('refused request → plain error', async () => {
    const { openai } = await startForTest();
    await expect(
      openai.responses.create({ ...ask, previous_response_id: 'resp_x', stream: true }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  it('cut_stream → cut off, still stored', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'cut_stream', afterEvents: 3 });
    const seen: string[] = [];
    const read = async () => {
      for await (const event of await openai.responses.create({ ...ask, stream: true })) seen.push(event.type);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(seen.length).toBeLessThanOrEqual(3);
    expect(control.responses().map(({ status }) => status)).toEqual(['completed']);
  });
});
