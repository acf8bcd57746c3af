import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '@holdpoint/json';
import { call, events, message, startOddModelServer, type OddAnswer } from '../../support/odd-model-server.ts';
import { runForTest } from './surface-for-test.ts';

async function runAt(answer: OddAnswer) {
  const started = await startOddModelServer(answer);
  onTestFinished(() => started.close());
  return await runForTest(started.url);
}

const usage = { input_tokens: 5, output_tokens: 7, total_tokens: 12 };
const completed = (response: JsonObject = { output: [] }): JsonObject => ({
  type: 'response.completed',
  response: { id: 'r', status: 'completed', ...response },
});
const done = (item: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'response.output_item.done',
  item,
  ...more,
});
const textDelta = (delta: string, more: JsonObject = {}): JsonObject => ({
  type: 'response.output_text.delta',
  delta,
  ...more,
});
const argsDelta = (delta: string, more: JsonObject = {}): JsonObject => ({
  type: 'response.function_call_arguments.delta',
  delta,
  ...more,
});
const added = (item: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'response.output_item.added',
  item,
  ...more,
});

const said = (text: string) => ({ type: 'answer', text });
const asked = (...ids: string[]) => ({
  type: 'calls',
  calls: ids.map(
    (callId) => expect.objectContaining({ callId, name: 'refund', arguments: '{"order":"A-17"}' }) as unknown,
  ),
});

describe('stream assembled from its events', () => {
  it.each<[string, JsonObject[], object]>([
    [
      'response.done, the call before it',
      [done(call()), { type: 'response.done', response: { id: 'r', output: [] } }],
      asked('call_1'),
    ],
    [
      'response.done, the call in it',
      [{ type: 'response.done', response: { id: 'r', status: 'completed', output: [call()] } }],
      asked('call_1'),
    ],
    ['text in deltas', [textDelta('It is '), textDelta('done.'), completed()], said('It is done.')],
    [
      'text in deltas with indexes',
      [textDelta('It is ', { output_index: 1 }), textDelta('done.', { output_index: 1 }), completed()],
      said('It is done.'),
    ],
    ['text in a done event', [{ type: 'response.output_text.done', text: 'Done.' }, completed()], said('Done.')],
    [
      'text in a part',
      [{ type: 'response.content_part.done', part: { type: 'output_text', text: 'Done.' } }, completed()],
      said('Done.'),
    ],
    [
      'text in deltas, the last message empty',
      [textDelta('Done.', { item_id: 'm' }), completed({ output: [{ ...message(''), id: 'm' }] })],
      said('Done.'),
    ],
    [
      'text in deltas and in the last message',
      [textDelta('Done.'), completed({ output: [message('Done.')] })],
      said('Done.'),
    ],
    [
      'text in deltas and in an item of its own',
      [textDelta('Done.', { item_id: 'm', output_index: 0 }), done({ ...message('Done.'), id: 'm' }), completed()],
      said('Done.'),
    ],
    [
      'a call in deltas',
      [
        added({ ...call(''), id: 'fc' }, { output_index: 0 }),
        argsDelta('{"order":', { item_id: 'fc' }),
        argsDelta('"A-17"}', { item_id: 'fc' }),
        completed(),
      ],
      asked('call_1'),
    ],
    [
      'a call in deltas by index',
      [added(call(''), { output_index: 0 }), argsDelta('{"order":"A-17"}', { output_index: 0 }), completed()],
      asked('call_1'),
    ],
    [
      'a call whose arguments are in a done event',
      [
        added({ ...call(''), id: 'fc' }),
        { type: 'response.function_call_arguments.done', item_id: 'fc', arguments: '{"order":"A-17"}' },
        completed(),
      ],
      asked('call_1'),
    ],
    [
      'a done call with empty arguments, deltas before',
      [
        added({ ...call(''), id: 'fc' }),
        argsDelta('{"order":"A-17"}', { item_id: 'fc' }),
        done({ ...call(''), id: 'fc' }),
        completed(),
      ],
      asked('call_1'),
    ],
    [
      'two calls in deltas, one in the last event',
      [
        added({ ...call(''), id: 'a' }, { output_index: 0 }),
        argsDelta('{"order":"A-17"}', { item_id: 'a' }),
        added({ ...call('', { call_id: 'call_2' }), id: 'b' }, { output_index: 1 }),
        argsDelta('{"order":"A-17"}', { item_id: 'b' }),
        completed({ output: [call()] }),
      ],
      asked('call_1', 'call_2'),
    ],
    [
      'the same call under another item id',
      [done({ ...call(), id: 'a' }), completed({ output: [{ ...call(), id: 'b' }] })],
      asked('call_1'),
    ],
    [
      'the same call under another call id',
      [done(call()), completed({ output: [call(undefined, { call_id: 'call_9' })] })],
      asked('call_9'),
    ],
    [
      'items, then id and usage only',
      [done(call()), { type: 'response.completed', response: { id: 'r', usage } }],
      asked('call_1'),
    ],
    ['items, then an event without a response', [done(call()), { type: 'response.completed' }], asked('call_1')],
    [
      'a refusal in deltas',
      [{ type: 'response.refusal.delta', delta: 'I can not.' }, completed()],
      { type: 'answer', text: 'I can not.', refused: true },
    ],
  ])('%s', async (_name, list, outcome) => {
    const run = await runAt(() => events(...list));
    expect((await run.take('Do it.')).outcome).toMatchObject(outcome);
  });

  it('another content type → read as a stream', async () => {
    const run = await runAt(
      () =>
        new Response(`data: ${JSON.stringify(completed({ output: [message('Done.')] }))}\n\n`, {
          headers: { 'content-type': 'text/plain' },
        }),
    );
    expect((await run.take('Do it.')).outcome).toEqual(said('Done.'));
  });
});

describe('answer in one piece', () => {
  it.each<[string, JsonObject, object]>([
    [
      'parts named text',
      { output: [{ type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Done.' }] }], usage },
      said('Done.'),
    ],
    [
      'text in a value',
      { output: [{ type: 'message', content: [{ type: 'text', text: { value: 'Done.' } }] }], usage },
      said('Done.'),
    ],
    ['parts that are texts', { output: [{ type: 'message', content: ['Done.'] }], usage }, said('Done.')],
    ['output_text beside an empty output', { output: [], output_text: 'Done.', usage }, said('Done.')],
    ['an item without a type', { output: [{ role: 'assistant', content: 'Done.' }], usage }, said('Done.')],
    [
      'nothing but reasoning',
      { output: [], usage: { output_tokens: 7, output_tokens_details: { reasoning_tokens: 7 } } },
      said(''),
    ],
    ['nothing, no tokens', { output: [] }, said('')],
  ])('%s', async (_name, response, outcome) => {
    const run = await runAt(({ context }) => context.json({ id: 'r', status: 'completed', ...response }));
    expect((await run.take('Do it.')).outcome).toEqual(outcome);
  });
});

describe('lost answer', () => {
  it.each<[string, OddAnswer]>([
    ['output empty, tokens spent', ({ context }) => context.json({ id: 'r', status: 'completed', output: [], usage })],
    ['output empty, tokens spent, streamed', () => events(completed({ output: [], usage }))],
    ['id and usage only', () => events({ type: 'response.completed', response: { id: 'r', usage } })],
    ['no output field', ({ context }) => context.json({ id: 'r', status: 'completed' })],
    [
      'parts of an unknown kind',
      ({ context }) =>
        context.json({
          id: 'r',
          output: [{ type: 'message', content: [{ type: 'markdown', markdown: 'Done.' }] }],
          usage,
        }),
    ],
  ])('%s → ModelUnavailable with the setting', async (_name, answer) => {
    const run = await runAt(answer);
    expect(await run.failure('Do it.')).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('modelSettings: { stream: false }') as unknown,
    });
    expect(await run.transcript()).toEqual([]);
  });
});
