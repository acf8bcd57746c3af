import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { apiErrorOf, startForTest } from './start-for-test.ts';

const fine = { model: 'gpt-4.1', input: 'Hello' };
const one = (item: object) => ({ ...fine, input: [item] });
const manyPairs = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`key${index}`, 'value']));

describe('malformed request → 400 with the first problem', () => {
  it.each<[string, object, string, string | null, string | null]>([
    ['no model', { input: 'Hello' }, "Missing required parameter: 'model'.", 'model', 'missing_required_parameter'],
    ['no input', { model: 'gpt-4.1' }, "Missing required parameter: 'input'.", 'input', 'missing_required_parameter'],
    ['an unknown parameter', { ...fine, colour: 'red' }, "Unknown parameter: 'colour'.", 'colour', 'unknown_parameter'],
    [
      'an unknown parameter of an item',
      one({ role: 'user', content: 'x', tone: 'mild' }),
      "Unknown parameter: 'input[0].tone'.",
      'input[0].tone',
      'unknown_parameter',
    ],
    [
      "the client's own fields left in a replayed call",
      one({ type: 'function_call', call_id: 'call_a', name: 'refund', arguments: '{}', parsed_arguments: {} }),
      "Unknown parameter: 'input[0].parsed_arguments'.",
      'input[0].parsed_arguments',
      'unknown_parameter',
    ],
    [
      'a wrong type',
      { ...fine, temperature: 'warm' },
      "Invalid type for 'temperature': expected a decimal, but got a string instead.",
      'temperature',
      'invalid_type',
    ],
    [
      'input of a wrong type',
      { ...fine, input: 5 },
      "Invalid type for 'input': expected one of a string or an array, but got an integer instead.",
      'input',
      'invalid_type',
    ],
    [
      'a wrong word',
      { ...fine, truncation: 'some' },
      "Invalid value: 'some'. Supported values are: 'auto' and 'disabled'.",
      'truncation',
      'invalid_value',
    ],
    [
      'a wrong role',
      one({ role: 'robot', content: 'x' }),
      "Invalid value: 'robot'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
      'input[0].role',
      'invalid_value',
    ],
    [
      'too few tokens',
      { ...fine, max_output_tokens: 1 },
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.",
      'max_output_tokens',
      'integer_below_min_value',
    ],
    [
      'too much heat',
      { ...fine, temperature: 2.5 },
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
      'temperature',
      'decimal_above_max_value',
    ],
    [
      'too many metadata',
      { ...fine, metadata: manyPairs },
      "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
      'metadata',
      'object_above_max_properties',
    ],
    [
      'a long metadata value',
      { ...fine, metadata: { a: 'x'.repeat(513) } },
      "Invalid 'metadata.a': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
      'metadata.a',
      'string_above_max_length',
    ],
    [
      'no call id',
      one({ type: 'function_call_output', output: 'x' }),
      "Missing required parameter: 'input[0].call_id'.",
      'input[0].call_id',
      'missing_required_parameter',
    ],
    [
      'a long call id',
      one({ type: 'function_call_output', call_id: 'c'.repeat(65), output: 'x' }),
      "Invalid 'input[0].call_id': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
      'input[0].call_id',
      'string_above_max_length',
    ],
    [
      'an empty call id',
      one({ type: 'function_call_output', call_id: '', output: 'x' }),
      "Invalid 'input[0].call_id': empty string. Expected a string with minimum length 1, but got an empty string instead.",
      'input[0].call_id',
      'empty_string',
    ],
    [
      'an output over 10,485,760 characters',
      one({ type: 'function_call_output', call_id: 'call_a', output: 'x'.repeat(10_485_761) }),
      "Invalid 'input[0].output': string too long. Expected a string with maximum length 10485760, but got a string with length 10485761 instead.",
      'input[0].output',
      'string_above_max_length',
    ],
    [
      'an output that is an object',
      one({ type: 'function_call_output', call_id: 'call_a', output: { ok: true } }),
      "Invalid type for 'input[0].output': expected one of a string or an array, but got an object instead.",
      'input[0].output',
      'invalid_type',
    ],
    [
      "a call's id that is not one",
      one({ type: 'function_call', id: 'call_a', call_id: 'call_a', name: 'refund', arguments: '{}' }),
      "Invalid 'input[0].id': 'call_a'. Expected an ID that begins with 'fc'.",
      'input[0].id',
      'invalid_value',
    ],
    [
      'arguments that are no string',
      one({ type: 'function_call', call_id: 'call_a', name: 'refund', arguments: {} }),
      "Invalid type for 'input[0].arguments': expected a string, but got an object instead.",
      'input[0].arguments',
      'invalid_type',
    ],
    [
      'a function name with a blank',
      { ...fine, tools: [{ type: 'function', name: 'send mail' }] },
      "Invalid 'tools[0].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
      'tools[0].name',
      'invalid_value',
    ],
    [
      'a parent and a conversation',
      { ...fine, previous_response_id: 'resp_1', conversation: 'conv_1' },
      "Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or 'conversation'.",
      null,
      'mutually_exclusive_parameters',
    ],
    [
      'a call required without tools',
      { ...fine, tool_choice: 'required' },
      "Tool choice 'required' must be specified with 'tools' parameter.",
      'tool_choice',
      null,
    ],
    [
      'a required function that is no tool',
      { ...fine, tools: [{ type: 'function', name: 'a' }], tool_choice: { type: 'function', name: 'b' } },
      "Tool choice 'function' not found in 'tools' parameter.",
      'tool_choice',
      null,
    ],
  ])('%s', async (_case, body, message, param, code) => {
    const { openai, control } = await startForTest();
    const error = await apiErrorOf(openai.post('/responses', { body }));
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', message: `400 ${message}`, param, code });
    expect(error.requestID).toMatch(/^req_/);
    expect(control.responses()).toEqual([]);
  });

  it('unknown item type → named with the known ones', async () => {
    const { openai } = await startForTest();
    const error = await apiErrorOf(openai.post('/responses', { body: one({ type: 'telegram' }) }));
    expect(error).toMatchObject({ status: 400, param: 'input[0].type', code: 'invalid_value' });
    expect(error.message).toMatch(/^400 Invalid value: 'telegram'\. Supported values are: 'message', 'function_call'/);
  });

  it.each(['{"model": ', '[1]', 'null', '"text"'])('body %s → refused', async (body) => {
    const { url } = await startForTest();
    const answer = await fetch(`${url}/responses`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('unknown path, retired Assistants API → 404', async () => {
    const { openai, control } = await startForTest();
    await expect(openai.post('/nothing')).rejects.toMatchObject({ status: 404 });
    control.retireAssistants();
    await expect(openai.post('/threads')).rejects.toMatchObject({
      status: 404,
      message: '404 Invalid URL (POST /v1/threads)',
      type: 'invalid_request_error',
    });
  });
});

describe('parameters of a strict function', () => {
  const object = (properties: object, more: object = {}) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...more,
  });
  const text = { type: 'string' };

  it.each<[string, object | null, string]>([
    ['no parameters', null, `schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.`],
    [
      'no object',
      { type: 'array', items: text },
      `schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`,
    ],
    [
      'more properties allowed',
      { type: 'object', properties: { a: text }, required: ['a'] },
      "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'more allowed deeper down',
      object({ a: { type: 'object', properties: {} } }),
      "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'an optional property',
      object({ a: text, b: text }, { required: ['a'] }),
      "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.",
    ],
    [
      'an optional property in a list',
      object({ a: { type: 'array', items: object({ b: text }, { required: [] }) } }),
      "In context=('properties', 'a', 'items'), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.",
    ],
    [
      'a required key without property',
      object({}, { required: ['a'] }),
      "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Extra required key 'a' supplied.",
    ],
    ['oneOf', object({ a: { oneOf: [text] } }), "In context=('properties', 'a'), 'oneOf' is not permitted."],
    [
      'a default',
      object({ a: { ...text, default: 'x' } }),
      "In context=('properties', 'a'), 'default' is not permitted.",
    ],
    [
      'alternatives at the top',
      object({}, { anyOf: [{ type: 'object' }] }),
      "In context=(), 'anyOf' is not permitted.",
    ],
    [
      'a format that is not known',
      object({ a: { ...text, format: 'uri' } }),
      "In context=('properties', 'a'), 'uri' is not a valid format.",
    ],
    ['a property without a type', object({ a: {} }), "In context=('properties', 'a'), schema must have a 'type' key."],
    [
      'a list of anything',
      object({ a: { type: 'array' } }),
      "In context=('properties', 'a'), array schema missing items.",
    ],
    [
      'a definition that is too open',
      object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { type: 'object' } } }),
      "In context=('$defs', 'b'), 'additionalProperties' is required to be supplied and to be false.",
    ],
  ])('%s → refused', async (_case, parameters, problem) => {
    const { openai } = await startForTest();
    const request = {
      ...fine,
      tools: [
        {
          type: 'function' as const,
          name: 'refund',
          strict: true,
          parameters: parameters as Record<string, unknown> | null,
        },
      ],
    };
    expect(await apiErrorOf(openai.responses.create(request))).toMatchObject({
      status: 400,
      param: 'tools[0].parameters',
      code: 'invalid_function_parameters',
      message: `400 Invalid schema for function 'refund': ${problem}`,
    });
    const loose = openai.responses.create({
      ...request,
      tools: [
        { type: 'function', name: 'refund', strict: false, parameters: { type: 'object', properties: { a: {} } } },
      ],
    });
    expect((await loose).status).toBe('completed');
  });

  it('written by zod → accepted', async () => {
    const { openai } = await startForTest();
    const parameters = z.toJSONSchema(
      z.object({
        template: z.string(),
        count: z.number().int().positive(),
        when: z.iso.datetime(),
        to: z.array(z.email()),
        kind: z.enum(['a', 'b']),
        note: z.string().nullable(),
        how: z.union([z.literal('x'), z.object({ y: z.boolean() })]),
      }),
    );
    const response = await openai.responses.create({
      ...fine,
      input: 'blast',
      tools: [{ type: 'function', name: 'blast', strict: true, parameters }],
    });
    expect(response.output).toMatchObject([{ type: 'function_call', name: 'blast' }]);
  });

  it('strict output schema → checked', async () => {
    const { openai } = await startForTest();
    const request = openai.responses.create({
      ...fine,
      text: {
        format: {
          type: 'json_schema',
          name: 'mood',
          strict: true,
          schema: { type: 'object', properties: { ok: { type: 'boolean' } } },
        },
      },
    });
    expect(await apiErrorOf(request)).toMatchObject({
      status: 400,
      param: 'text.format.schema',
      code: 'invalid_json_schema',
      message:
        "400 Invalid schema for response_format 'mood': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    });
  });
});

describe('API key', () => {
  it('none set → any key is accepted', async () => {
    const { openai } = await startForTest();
    expect((await openai.responses.create(fine)).status).toBe('completed');
  });

  it('set → required on every path but /healthz; a wrong key is not repeated', async () => {
    const { openai, url } = await startForTest({ apiKey: 'right-key' });
    expect((await openai.responses.create(fine)).status).toBe('completed');
    const error = await apiErrorOf(openai.withOptions({ apiKey: 'canary-key' }).responses.create(fine));
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
    expect(error.message).toMatch(/^401 Incorrect API key provided: \*{8}\./);
    expect((await fetch(`${url}/models`)).status).toBe(401);
    const origin = new URL(url).origin;
    expect((await fetch(`${origin}/__stand-in/requests`)).status).toBe(401);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });
});
