import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '@holdpoint/json';
import { parseCall } from '../../../src/activities/arguments.ts';
import type { AssistantDefinition } from '../../../src/assistant/define-assistant.ts';
import { defineTool } from '../../../src/index.ts';
import { call, events, message, startOddModelServer, type OddAnswer } from '../../support/odd-model-server.ts';
import { refund, runForTest } from './surface-for-test.ts';

/* More servers of each kind that docs/model-servers.md names: other words, other statuses, other events. */

async function server(answer: OddAnswer) {
  const started = await startOddModelServer(answer);
  onTestFinished(() => started.close());
  return started;
}
const answering: OddAnswer = ({ outputs, reply }) => reply(outputs.length === 0 ? call() : message('Done.'));
const chained = (body: JsonObject) => 'previous_response_id' in body;
const respond = (status: number, body: Json) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' },
  });

describe('previous_response_id refused in other words', () => {
  it.each<[string, () => Response]>([
    ['a stateless mode', () => respond(400, { error: { message: 'This deployment is stateless.', type: 'bad' } })],
    ['a conflict', () => respond(409, { detail: 'The response store is disabled on this server.' })],
    [
      'Pydantic',
      () =>
        respond(422, {
          detail: [{ type: 'none_required', loc: ['body', 'previous_response_id'], msg: 'Input should be None' }],
        }),
    ],
    ['a retention policy', () => respond(403, { message: 'Retention policy: prior responses can not be referenced.' })],
    ['401 of a gateway', () => respond(401, { error: 'previous_response_id needs a stateful plan' })],
    ['plain text', () => respond(400, 'previous response chaining unavailable')],
    ['500 with the name of the field', () => respond(500, { error: { message: "unexpected field 'response_id'" } })],
    ['an error in a stream', () => events({ type: 'error', message: 'Response state is not kept here.' })],
    [
      'a failed response in a stream',
      () =>
        events({
          type: 'response.failed',
          response: {
            id: 'r',
            status: 'failed',
            error: { code: 'invalid_request', message: 'Unknown parent response.' },
          },
        }),
    ],
    ['an error with status 200', () => respond(200, { error: { message: 'previous_response_id: unsupported' } })],
  ])('%s → the transcript is sent', async (_name, refuse) => {
    const { url, bodies } = await server((request) => (chained(request.body) ? refuse() : answering(request)));
    const run = await runForTest(url);
    await run.take('Refund.');
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(bodies.map(chained)).toEqual([false, true, false]);
  });
});

describe('field refused in other words', () => {
  const forced = { modelSettings: { tool_choice: 'required' } };
  it.each<[string, string, number, Json, Partial<AssistantDefinition>?]>([
    ['store', 'words', 400, { error: { message: 'Storing responses is not supported by this deployment.' } }],
    ['store', 'Python', 400, { message: "[{'type': 'extra_forbidden', 'loc': ('body', 'store')}]" }],
    ['store', 'Go', 400, { error: 'json: unknown field "store"' }],
    ['store', 'a plan', 403, { error: { message: 'Persistence of responses is disabled: `store` must be false.' } }],
    ['store', '501 in words', 501, { error: { message: 'Response persistence: set store=false' } }],
    [
      'parallel_tool_calls',
      'Rust, with a list of the known fields',
      422,
      'unknown field `parallel_tool_calls`, expected one of `model`, `input`, `store`, `stream`, `metadata`',
    ],
    [
      'parallel_tool_calls',
      'words',
      400,
      { error: { message: "Parallel tool calling isn't available for this model." } },
    ],
    ['parallel_tool_calls', 'words of functions', 400, { detail: 'Model does not support parallel function calls' }],
    ['parallel_tool_calls', 'a flag', 400, { detail: 'parallel_tool_calls=True requires --enable-parallel-tools' }],
    [
      'parallel_tool_calls',
      'a list of allowed fields',
      400,
      { error: { message: 'Unexpected parallel_tool_calls. Allowed fields: model, input, store, stream, tools' } },
    ],
    ['tool_choice', 'only auto', 400, { error: { message: 'Only "auto" is supported for tool_choice.' } }, forced],
    ['tool_choice', 'words', 400, { error: { message: 'Tool choice must be auto.' } }, forced],
    ['tool_choice', 'a flag', 400, { detail: '"required" tool choice requires a guided decoding backend' }, forced],
    ['tool_choice', 'thinking', 400, { error: { message: 'Forcing a tool is not allowed while thinking.' } }, forced],
    ['tool_choice', 'llama.cpp', 500, { error: { code: 400, message: 'Invalid tool_choice: required' } }, forced],
    ['stream', 'words', 400, { error: { message: 'Streaming is not yet supported for this model.' } }],
    ['strict', 'words', 400, { error: { message: 'Structured outputs are not supported.' } }],
  ])('%s, %s (%i) → left out, and nothing else', async (name, _how, status, refusal, definition = {}) => {
    const has = (body: JsonObject, field: string) =>
      field === 'strict'
        ? (body['tools'] as JsonObject[]).some((tool) => 'strict' in tool)
        : field === 'stream'
          ? body['stream'] === true
          : field in body;
    const { url, bodies } = await server((request) =>
      has(request.body, name) ? respond(status, refusal) : answering(request),
    );
    const run = await runForTest(url, definition);
    await run.take('Refund.');
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    const fields = ['store', 'parallel_tool_calls', 'stream', 'strict', 'metadata', 'tool_choice'];
    const left = (body: JsonObject) => fields.filter((field) => has(body, field));
    expect(left(bodies[1]!)).toEqual(left(bodies[0]!).filter((field) => field !== name));
  });

  it.each([
    'The tools can not be used: only 16 tools are allowed.',
    'Supported fields are: model, input, store, stream. Unknown field "temperature".',
    'Try again with fewer tools: so many are not supported.',
  ])('%s → nothing is left out', async (text) => {
    const { url, bodies } = await server(() => respond(400, { error: { message: text } }));
    expect((await (await runForTest(url)).failure('Refund.')).type).toBe('ModelRequestRefused');
    expect(bodies).toHaveLength(1);
  });
});

describe('stream with other events', () => {
  const asked = { type: 'calls', calls: [{ callId: 'call_1', name: 'refund', arguments: '{"order":"A-17"}' }] };
  const said = { type: 'answer', text: 'Done.' };
  const end = (more: JsonObject = {}): JsonObject => ({
    type: 'response.completed',
    response: { id: 'r', status: 'completed', output: [], ...more },
  });
  const raw = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } });
  const data = (event: object) => `data: ${JSON.stringify(event)}`;
  it.each<[string, () => Response, object]>([
    [
      'the type in the event line only',
      () =>
        raw(`event: response.completed\n${data({ response: { id: 'r', status: 'completed', output: [call()] } })}\n\n`),
      asked,
    ],
    [
      'carriage returns, comments and a byte order mark',
      () => raw(`\uFEFF: hello\r\n\r\n${data(end({ output: [message('Done.')] }))}\r\n\r\ndata: [DONE]\r\n\r\n`),
      said,
    ],
    [
      'numbers in place of ids',
      () => events({ type: 'response.output_item.done', item: call(undefined, { id: 7 }) }, end({ id: null })),
      asked,
    ],
    [
      'output, usage and error as null',
      () =>
        events({ type: 'response.output_item.done', item: call() }, end({ output: null, usage: null, error: null })),
      asked,
    ],
    [
      'text that ends by a part event, indexes as text',
      () =>
        events({ type: 'response.content_part.done', output_index: '0', part: { type: 'text', text: 'Done.' } }, end()),
      said,
    ],
    [
      'unknown events between',
      () =>
        events(
          { type: 'response.queued', response: { id: 'r' } },
          { type: 'ping' },
          { type: 'response.output_text.delta', delta: 'Done.' },
          { type: 'response.output_text.annotation.added', annotation: {} },
          end(),
        ),
      said,
    ],
    [
      'a call whose name comes with the end of its arguments',
      () =>
        events(
          { type: 'response.function_call_arguments.delta', item_id: 'call_1', delta: '{"order":"A' },
          { type: 'response.function_call_arguments.delta', item_id: 'call_1', delta: '-17"}' },
          { type: 'response.function_call_arguments.done', item_id: 'call_1', name: 'refund' },
          end(),
        ),
      asked,
    ],
  ])('%s', async (_name, answer, outcome) => {
    const { url } = await server(answer);
    expect((await (await runForTest(url)).take('Do it.')).outcome).toMatchObject(outcome);
  });

  it.each<[string, () => Response]>([
    [
      '[DONE] after a call, without a last event',
      () => events({ type: 'response.output_item.done', item: call() }, '[DONE]'),
    ],
    ['an empty stream', () => raw('')],
    [
      'a failed response without an error',
      () => events({ type: 'response.failed', response: { id: 'r', error: null } }),
    ],
  ])('%s → a named failure, and no call', async (_name, answer) => {
    const { url } = await server(answer);
    const run = await runForTest(url);
    expect(['ModelUnavailable', 'ModelResponseFailed']).toContain((await run.failure('Do it.')).type);
    expect(await run.transcript()).toEqual([]);
  });
});

describe('call without a usable id', () => {
  it.each<[string, JsonObject]>([
    ['no id', { call_id: undefined as never }],
    ['null', { call_id: null, id: null }],
    ['empty', { call_id: '', id: '' }],
    ['blank', { call_id: ' ' }],
    ['an object', { call_id: {} }],
  ])('%s → gets an id, and its output is paired with it in the transcript', async (_name, fields) => {
    const { url, bodies } = await server((request) => {
      if (chained(request.body)) return respond(400, { error: { message: 'No tool call found for this output.' } });
      return request.reply(
        request.outputs.length === 0 ? call(undefined, fields) : message(`told ${request.outputs[0]}`),
      );
    });
    const run = await runForTest(url);
    const { outcome } = await run.take('Refund.');
    expect(outcome).toMatchObject({ calls: [{ callId: expect.stringMatching(/^call_\w{32}$/) as unknown }] });
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'told ok' });
    const input = bodies.at(-1)!['input'] as JsonObject[];
    const ids = ['function_call', 'function_call_output'].map(
      (type) => input.find((item) => item['type'] === type)?.['call_id'],
    );
    expect(ids[0]).toBe(ids[1]);
  });

  it('an empty call id beside an item id, and a number → these are the ids', async () => {
    const { url } = await server(({ reply }) =>
      reply(call(undefined, { call_id: '', id: 'fc_9' }), call({ order: 'B' }, { call_id: 12 })),
    );
    const { outcome } = await (await runForTest(url)).take('Refund.');
    expect(outcome).toMatchObject({ calls: [{ callId: 'fc_9' }, { callId: '12' }] });
  });

  it('two calls without ids → two calls with different ids', async () => {
    const { url } = await server(({ reply }) =>
      reply(call({ order: 'A' }, { call_id: null }), call({ order: 'B' }, { call_id: null })),
    );
    const { outcome } = await (await runForTest(url)).take('Refund.');
    expect(new Set((outcome as { calls: Array<{ callId: string }> }).calls.map(({ callId }) => callId)).size).toBe(2);
  });
});

describe('arguments of a call without any', () => {
  const list = defineTool({
    name: 'list_servers',
    description: 'Lists.',
    parameters: z.object({}),
    effect: 'idempotent',
    review: 'never',
    execute: () => null,
  });
  const forms = ['', ' \n', 'null', '{}', '[]', ' [ ] ', '""', '"{}"', '"null"', 'undefined', 'None'];
  it.each(forms)('%j → {}', async (text) => {
    expect(await parseCall(list, text)).toEqual({ ok: true, value: {} });
  });

  it.each(forms.filter((text) => text !== '{}'))(
    '%j for a tool that needs arguments → not taken as {}',
    async (text) => {
      expect(await parseCall(refund, text)).not.toEqual({ ok: true, value: {} });
    },
  );

  it.each(['[1]', '"x"', '0', 'false', '{'])('%j → not taken as {}', async (text) => {
    expect(await parseCall(list, text)).not.toEqual({ ok: true, value: {} });
  });
});

describe('content filter in other clothes', () => {
  it.each<[string, () => Response]>([
    [
      'Python in the message',
      () => respond(500, { error: { message: "upstream said {'error': {'code': 'content_filter'}}" } }),
    ],
    ['detail around the error', () => respond(400, { detail: { error: { code: 'content_filter', message: 'No.' } } })],
    [
      'a guardrail',
      () => respond(400, { error: { message: 'GuardrailRaisedException: Violated guardrail policy', code: '400' } }),
    ],
    [
      'an inspection',
      () =>
        respond(400, {
          error: { code: 'data_inspection_failed', message: 'Input data may contain inappropriate content.' },
        }),
    ],
    ['moderation', () => respond(403, { error: { message: 'Request was blocked by our moderation layer.' } })],
    ['a finish reason', () => respond(502, { error: { message: 'VertexAI stopped: finishReason: SAFETY' } })],
    [
      'an incomplete response',
      () => respond(200, { id: 'r', status: 'incomplete', output: [], incomplete_details: { reason: 'SAFETY' } }),
    ],
    [
      'a failed response in a stream',
      () =>
        events({
          type: 'response.failed',
          response: { id: 'r', error: { code: 'moderation_blocked', message: 'No.' } },
        }),
    ],
  ])('%s → ModelBlocked, asked once', async (_name, answer) => {
    const { url, bodies } = await server(answer);
    expect((await (await runForTest(url)).failure('Do it.')).type).toBe('ModelBlocked');
    expect(bodies).toHaveLength(1);
  });
});
