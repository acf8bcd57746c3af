import { describe, expect, it, onTestFinished } from 'vitest';
import type { AssistantDefinition } from '../../../src/assistant/define-assistant.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { call, events, message, startOddModelServer, type OddAnswer } from '../../support/odd-model-server.ts';
import { runForTest } from './surface-for-test.ts';

async function server(answer: OddAnswer) {
  const started = await startOddModelServer(answer);
  onTestFinished(() => started.close());
  return started;
}
const answering: OddAnswer = ({ outputs, reply }) => reply(outputs.length === 0 ? call() : message('Done.'));
const strictIn = (body: JsonObject) => (body['tools'] as JsonObject[]).some((tool) => 'strict' in tool);
const has = (body: JsonObject, name: string) =>
  name === 'strict' ? strictIn(body) : name === 'stream' ? body['stream'] === true : name in body;

describe('field that the server refuses', () => {
  it.each<[string, string, number, Json, Partial<AssistantDefinition>?]>([
    [
      'parallel_tool_calls',
      'parallelToolCalls: undefined',
      400,
      {
        error: {
          code: 'unsupported_parameter',
          param: 'parallel_tool_calls',
          message: "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
        },
      },
    ],
    [
      'parallel_tool_calls',
      'parallelToolCalls: undefined',
      422,
      {
        detail: [
          { type: 'extra_forbidden', loc: ['body', 'parallel_tool_calls'], msg: 'Extra inputs are not permitted' },
        ],
      },
    ],
    [
      'parallel_tool_calls',
      'parallelToolCalls: undefined',
      500,
      { error: { message: 'litellm.UnsupportedParamsError: parallel_tool_calls is not supported', code: '400' } },
    ],
    ['store', 'store: undefined', 501, { error: { message: 'store is not implemented' } }],
    ['store', 'store: undefined', 400, { error: { param: 'store', message: 'Must be null.' } }],
    ['store', 'store: undefined', 400, { error: { message: "Unknown field 'store'" } }],
    [
      'tool_choice',
      'no modelSettings.tool_choice',
      400,
      { error: { message: 'tool_choice "required" is not supported by this model' } },
      { modelSettings: { tool_choice: 'required' } },
    ],
    [
      'tool_choice',
      'no modelSettings.tool_choice',
      404,
      { error: { message: "No endpoints found that support the provided 'tool_choice' value." } },
      { modelSettings: { tool_choice: 'auto' } },
    ],
    ['strict', 'strict: undefined', 400, { error: { param: 'tools[0].strict', message: 'Unknown parameter.' } }],
    ['strict', 'strict: undefined', 400, { error: { message: "tools.0: unexpected property 'strict'" } }],
    ['metadata', 'modelSettings: { metadata: undefined }', 400, { error: { message: '`metadata` is not allowed' } }],
    [
      'include',
      'modelSettings: { include: undefined }',
      400,
      { error: { param: 'include', message: 'Unsupported value.' } },
      { store: false },
    ],
    ['stream', 'modelSettings: { stream: false }', 400, { error: { message: 'stream is not supported' } }],
    [
      'background',
      'no background',
      400,
      { error: { param: 'background', message: 'Background mode is not supported.' } },
      { background: true },
    ],
  ])('%s → %s (%i)', async (name, setting, status, refusal, definition = {}) => {
    const { url, bodies } = await server((request) =>
      has(request.body, name) ? request.context.json(refusal as object, status as 400) : answering(request),
    );
    const run = await runForTest(url, definition);
    await run.take('Refund.');
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(bodies.map((body) => has(body, name))).toEqual([true, false, false]);
    expect(run.warnings.filter((text) => text.includes(`Write ${setting} in the assistant "comms"`))).toHaveLength(1);
  });

  it('inside a stream → left out', async () => {
    const { url } = await server((request) =>
      has(request.body, 'parallel_tool_calls')
        ? events({
            type: 'error',
            error: { code: 'unsupported_parameter', message: 'parallel_tool_calls is not supported' },
          })
        : answering(request),
    );
    const run = await runForTest(url);
    expect((await run.take('Refund.')).outcome.type).toBe('calls');
  });

  it('two fields in turn → both left out', async () => {
    const { url, bodies } = await server((request) => {
      const name = ['store', 'metadata'].find((one) => one in request.body);
      return name
        ? request.context.json({ error: { param: name, message: 'Unknown parameter.' } }, 400)
        : answering(request);
    });
    const run = await runForTest(url);
    await run.take('Refund.');
    await run.answer('ok');
    expect(bodies).toHaveLength(4);
  });

  it.each([
    [
      'a schema that is not strict enough',
      "Invalid schema for function 'refund': in strict mode all properties are required.",
    ],
    ['words that hold the name by chance', 'The vector store could not be reached, please store less.'],
    ['another field', "Invalid 'temperature'."],
  ])('%s → nothing is left out', async (_name, text) => {
    const { url, bodies } = await server(({ context }) => context.json({ error: { message: text } }, 400));
    const run = await runForTest(url);
    expect(await run.failure('Refund.')).toMatchObject({
      type: 'ModelRequestRefused',
      message: expect.stringContaining('doctor --model') as unknown,
    });
    expect(bodies).toHaveLength(1);
  });
});

it('store, parallelToolCalls, strict, metadata, include: undefined → nothing is sent', async () => {
  const { url, bodies } = await server(answering);
  const run = await runForTest(url, {
    store: undefined,
    parallelToolCalls: undefined,
    strict: undefined,
    modelSettings: { metadata: undefined, include: undefined },
  });
  await run.take('Refund.');
  for (const name of ['store', 'parallel_tool_calls', 'strict', 'metadata', 'include'])
    expect(has(bodies[0]!, name)).toBe(false);
  expect((await run.answer('ok')).outcome.type).toBe('answer');
  expect(bodies[1]).toHaveProperty('previous_response_id');
});

it.each<[string, Json, Json | undefined]>([
  ['required', 'required', undefined],
  ['a named tool', { type: 'function', name: 'refund' }, undefined],
  [
    'allowed tools, required',
    { type: 'allowed_tools', mode: 'required', tools: [] },
    { type: 'allowed_tools', mode: 'auto', tools: [] },
  ],
  ['auto', 'auto', 'auto'],
  ['none', 'none', 'none'],
])('tool_choice %s → only in the first turn after each user message', async (_name, choice, later) => {
  const { url, bodies } = await server(answering);
  const run = await runForTest(url, { modelSettings: { tool_choice: choice } });
  await run.take('Refund.');
  await run.answer('ok');
  await run.take('Again.');
  expect(bodies.map((body) => body['tool_choice'])).toEqual([choice, later, choice]);
});

describe('refusal in another form', () => {
  it.each<[string, number, Json, string, string?]>([
    [
      'a filter wrapped by a proxy',
      400,
      {
        error: {
          code: '400',
          message: 'ContentPolicyViolationError: the response was filtered',
          provider_specific_fields: { innererror: { code: 'ResponsibleAIPolicyViolation' } },
        },
      },
      'ModelBlocked',
    ],
    [
      'a filter in an inner error',
      400,
      { error: { code: 'bad_request', message: 'No.', innererror: { code: 'content_filter' } } },
      'ModelBlocked',
    ],
    [
      'a filter as JSON in the message',
      500,
      { error: { message: 'upstream: {"error":{"code":"content_filter","message":"No."}}' } },
      'ModelBlocked',
    ],
    ['a filter in words', 403, { error: { message: 'Your input was flagged by the safety system.' } }, 'ModelBlocked'],
    [
      'a context in a code',
      400,
      { error: { code: 'context_length_exceeded', message: 'Too long.' } },
      'ModelContextExceeded',
      'truncation',
    ],
    [
      'a context in words',
      400,
      { error: { message: "This model's maximum context length is 4096 tokens." } },
      'ModelContextExceeded',
      'larger context',
    ],
    [
      'a context at llama.cpp',
      400,
      {
        error: {
          code: 400,
          type: 'exceed_context_size_error',
          message: 'the request exceeds the available context size',
        },
      },
      'ModelContextExceeded',
    ],
    [
      'a context wrapped',
      500,
      { error: { message: 'litellm.ContextWindowExceededError: prompt is too long' } },
      'ModelContextExceeded',
    ],
    ['not implemented', 501, { error: { message: 'Not implemented.' } }, 'ModelRequestRefused', 'doctor --model'],
    [
      'a refusal with status 200',
      200,
      { error: { type: 'invalid_request_error', message: 'No.' } },
      'ModelRequestRefused',
    ],
    [
      'an error with status 200',
      200,
      { error: { code: 'context_length_exceeded', message: 'Too long.' } },
      'ModelContextExceeded',
    ],
    [
      'a failed response',
      200,
      { id: 'r', status: 'failed', error: { code: 'context_length_exceeded', message: 'Too long.' } },
      'ModelContextExceeded',
    ],
    [
      'tokens a minute are no context',
      429,
      { error: { message: 'Request is too long for your tokens per minute: context window' } },
      'ModelRateLimited',
    ],
  ])('%s: %i', async (_name, status, body, type, says = '') => {
    const { url, bodies } = await server(({ context }) => context.json(body as object, status as 400));
    const run = await runForTest(url);
    expect(await run.failure('Refund.')).toMatchObject({ type, message: expect.stringContaining(says) as unknown });
    expect(bodies).toHaveLength(1);
  });

  it('server without conversations → names the option to remove', async () => {
    const { url } = await server(answering);
    const run = await runForTest(url, { conversation: 'run' });
    expect(await run.failure('Refund.')).toMatchObject({
      type: 'ModelRequestRefused',
      message: expect.stringContaining('option conversation') as unknown,
    });
  });
});
