import { describe, expect, it, onTestFinished } from 'vitest';
import type { Json, JsonObject } from '@holdpoint/json';
import { call, events, message, startOddModelServer, type OddAnswer } from '../../support/odd-model-server.ts';
import { runForTest } from './surface-for-test.ts';

async function server(answer: OddAnswer) {
  const started = await startOddModelServer(answer);
  onTestFinished(() => started.close());
  return started;
}

/** A server that asks for three calls, then answers with the last output that it got. */
const honest: OddAnswer = ({ body, outputs, reply }) => {
  const calls = (body['input'] as JsonObject[]).filter(({ type }) => type === 'function_call');
  return reply(
    calls.length < 2
      ? call({ order: String(calls.length) }, { call_id: `c${calls.length}` })
      : message(`told ${outputs.at(-1)}`),
  );
};
const chained = (body: JsonObject) => 'previous_response_id' in body;

const refusals: Array<[string, number, Json]> = [
  [
    'Zero Data Retention at OpenAI',
    400,
    {
      error: {
        code: 'unsupported_parameter',
        param: 'previous_response_id',
        message: 'Previous response cannot be used for this organization due to Zero Data Retention.',
      },
    },
  ],
  [
    'llama.cpp',
    400,
    {
      error: {
        code: 400,
        type: 'invalid_request_error',
        message: "llama.cpp does not support 'previous_response_id'.",
      },
    },
  ],
  ['an empty code', 400, { error: { code: '', message: 'previous_response_id is not supported' } }],
  ['Azure', 400, { error: { message: "Item with id 'rs_12' not found." } }],
  [
    'FastAPI',
    422,
    {
      detail: [
        { type: 'extra_forbidden', loc: ['body', 'previous_response_id'], msg: 'Extra inputs are not permitted' },
      ],
    },
  ],
  ['not implemented', 501, { message: 'Stateful conversations are not implemented.' }],
  ['an internal error that names it', 500, { error: { message: "KeyError: 'previous_response_id'" } }],
  ['forbidden', 403, { error: { message: 'Access to stored responses is disabled for this key.' } }],
  [
    'another organization',
    404,
    { code: 'not-found', error: 'Previous response cannot be used for this organization due to Zero Data Retention' },
  ],
  ['words that say nothing', 400, { error: { message: 'Bad Request' } }],
  ['no words', 405, ''],
];

describe.each([
  ['streamed', {}],
  ['in one piece', { modelSettings: { stream: false } }],
])('previous_response_id refused (%s)', (_way, definition) => {
  it.each(refusals)('%s → transcript sent, remembered for the run, logged once', async (_name, status, body) => {
    const { url, bodies } = await server((request) =>
      chained(request.body) ? request.context.json(body as object, status as 400) : honest(request),
    );
    const run = await runForTest(url, definition);
    await run.take('Refund.');
    await run.answer('one');
    expect((await run.answer('two')).outcome).toEqual({ type: 'answer', text: 'told two' });
    expect(bodies.map(chained)).toEqual([false, true, false, false]);
    expect(run.warnings.filter((text) => text.includes('chain: false in the assistant "comms"'))).toHaveLength(1);
  });
});

describe('previous_response_id accepted and ignored', () => {
  it.each<[string, JsonObject]>([
    ['echoed as null', { previous_response_id: null }],
    ['not echoed', {}],
    ['another id echoed', { previous_response_id: 'resp_other' }],
  ])('%s → answer dropped, transcript sent, remembered', async (_name, echo) => {
    const { url, bodies } = await server((request) => {
      if (!chained(request.body)) return honest(request);
      return request.context.json({ id: 'r', status: 'completed', output: [message('Which output?')], ...echo });
    });
    const run = await runForTest(url);
    await run.take('Refund.');
    await run.answer('one');
    expect((await run.answer('two')).outcome).toEqual({ type: 'answer', text: 'told two' });
    expect(bodies.map(chained)).toEqual([false, true, false, false]);
  });

  it('echoed in the first event only → continued', async () => {
    const { url, bodies } = await server(({ body, response }) => {
      const { id, ...first } = response();
      const item = chained(body) ? message('Done.') : call();
      return events(
        { type: 'response.created', response: { id: id!, ...first, status: 'in_progress' } },
        { type: 'response.output_item.done', item },
        { type: 'response.completed', response: { id: id! } },
      );
    });
    const run = await runForTest(url);
    await run.take('Refund.');
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(bodies).toHaveLength(2);
  });
});

describe('stored response deleted', () => {
  it.each<[string, JsonObject]>([
    ['an error event with the status as its code', { type: 'error', code: '404', message: 'Response not found.' }],
    ['an error event with a number', { type: 'error', error: { code: 404, message: 'not found' } }],
    [
      'an error of the chat kind',
      { error: { message: 'Previous response with id resp_1 not found.', code: 'previous_response_not_found' } },
    ],
    ['an error in words, without a status', { error: 'Response not found' }],
    ['an error in words', { error: 'Previous response not found' }],
    [
      'a failed response',
      {
        type: 'response.failed',
        response: { id: 'r', status: 'failed', error: { code: 'previous_response_not_found', message: 'gone' } },
      },
    ],
  ])('%s inside a stream → transcript sent', async (_name, event) => {
    const { url, bodies } = await server((request) => (chained(request.body) ? events(event) : honest(request)));
    const run = await runForTest(url);
    await run.take('Refund.');
    expect((await run.answer('one')).outcome.type).toBe('calls');
    expect(bodies.map(chained)).toEqual([false, true, false]);
  });

  it('deleted twice → no third attempt', async () => {
    const { url, bodies } = await server((request) =>
      chained(request.body)
        ? request.context.json({ error: { message: 'Response not found.' } }, 404)
        : honest({ ...request, reply: (...items) => request.reply(...items) }),
    );
    const run = await runForTest(url);
    await run.take('Refund.');
    await run.answer('one');
    await run.answer('two');
    await run.take('And?');
    expect(bodies.map(chained)).toEqual([false, true, false, true, false, false]);
  });

  it.each(['at once', 'in a later attempt'])(
    'failure of a background response, seen %s: transcript sent',
    async (when) => {
      const { url, bodies } = await server((request) => {
        if (!chained(request.body))
          return request.context.json(request.response(request.outputs.length === 0 ? call() : message('Done.')));
        return request.context.json({
          id: 'resp_failed',
          status: 'failed',
          output: [],
          error: { code: '404', message: 'Response resp_1 not found.' },
        });
      });
      const run = await runForTest(
        url,
        { background: true },
        {
          fetch: async (input, init) => {
            const looksAt = init?.method === 'GET';
            if (!looksAt) return await fetch(input, init);
            return Response.json({
              id: 'resp_failed',
              status: 'failed',
              output: [],
              error: { code: '404', message: 'Response resp_1 not found.' },
            });
          },
        },
      );
      await run.take('Refund.');
      const resumeFrom =
        when === 'at once' ? null : { responseId: 'resp_failed', startedAt: Date.now(), continued: 'resp_1' };
      expect((await run.answer('ok', { resumeFrom })).outcome).toEqual({ type: 'answer', text: 'Done.' });
      expect(bodies.map(chained)).toEqual(when === 'at once' ? [false, true, false] : [false, false]);
    },
  );
});

describe('chain: false', () => {
  it('every turn → the transcript, no previous_response_id', async () => {
    const { url, bodies } = await server(honest);
    const run = await runForTest(url, { chain: false });
    await run.take('Refund.');
    await run.answer('one');
    await run.answer('two');
    expect(bodies.map(chained)).toEqual([false, false, false]);
    expect(run.warnings).toEqual([]);
  });
});

describe('refusal of the request, not of continuing it', () => {
  it('transcript refused too → reported unchanged', async () => {
    const { url } = await server((request) =>
      request.outputs.length > 0
        ? request.context.json({ error: { message: 'temperature must be 1' } }, 400)
        : honest(request),
    );
    const run = await runForTest(url);
    await run.take('Refund.');
    await expect(run.answer('one')).rejects.toMatchObject({
      type: 'ModelRequestRefused',
      message: expect.stringContaining('temperature must be 1') as unknown,
    });
  });

  it('internal error in the third attempt → transcript sent', async () => {
    const { url } = await server((request) =>
      chained(request.body) ? request.context.json({ error: 'Oops.' }, 500) : honest(request),
    );
    const run = await runForTest(url);
    await run.take('Refund.');
    await expect(run.answer('one', { attempt: 1 })).rejects.toMatchObject({ type: 'ModelUnavailable' });
    expect((await run.answer('one', { attempt: 3 })).outcome.type).toBe('calls');
  });
});

describe('call with arguments that are not a JSON object', () => {
  it.each([
    ['{"order": "A-17", "amou', '{"invalid_arguments":"{\\"order\\": \\"A-17\\", \\"amou"}'],
    ['[1,2]', '{"invalid_arguments":"[1,2]"}'],
    ['"text"', '{"invalid_arguments":"\\"text\\""}'],
    ['', '{}'],
    [' ', '{}'],
    ['null', '{}'],
    ['{"a": "\\ud83c"}', '{"a":"\u{FFFD}"}'],
    ['{"order": "7"}', '{"order": "7"}'],
  ])('%j → readable in the transcript, replayed as %s', async (written, replayed) => {
    const { url, bodies } = await server((request) =>
      request.reply(request.outputs.length === 0 ? call(written) : message('Done.')),
    );
    const run = await runForTest(url, { store: false });
    await run.take('Refund.');
    await run.answer('no');
    const sent = (bodies[1]!['input'] as JsonObject[]).find(({ type }) => type === 'function_call');
    expect(sent?.['arguments']).toBe(replayed);
    expect((await run.transcript())[0]?.received).toMatchObject([{ arguments: written }]);
  });
});

it('half of a surrogate pair in outputs and messages → sent as U+FFFD', async () => {
  const { url, bodies } = await server((request) =>
    request.reply(request.outputs.length === 0 ? call() : message('Done.')),
  );
  const run = await runForTest(url);
  await run.take('Half \ud83c');
  await run.answer('Party \ud83c');
  expect(JSON.stringify(bodies)).not.toMatch(/\\ud83c/i);
  expect(JSON.stringify(bodies)).toContain('Party \u{FFFD}');
});
