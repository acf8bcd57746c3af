import { APIConnectionError } from 'openai';
import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../src/faults/fault.ts';
import { answer, apiErrorOf, callOf, startForTest, tool } from './start-for-test.ts';

const ask = { model: 'gpt-4.1', input: 'Hello' };

describe('fault that answers', () => {
  it.each<[FaultInput, object, string | null]>([
    [
      { kind: 'rate_limit', retryAfterSeconds: 120 },
      { status: 429, type: 'requests', code: 'rate_limit_exceeded', param: null },
      '120',
    ],
    [{ kind: 'rate_limit' }, { status: 429, code: 'rate_limit_exceeded' }, null],
    [{ kind: 'insufficient_quota' }, { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' }, null],
    [{ kind: 'invalid_api_key' }, { status: 401, code: 'invalid_api_key' }, null],
    [{ kind: 'permission_denied' }, { status: 403 }, null],
    [
      { kind: 'model_not_found' },
      {
        status: 404,
        code: 'model_not_found',
        message: '404 The model `gpt-4.1` does not exist or you do not have access to it.',
      },
      null,
    ],
    [{ kind: 'request_timeout' }, { status: 408 }, null],
    [{ kind: 'conflict' }, { status: 409 }, null],
    [{ kind: 'conversation_locked' }, { status: 400, code: 'conversation_locked' }, null],
    [{ kind: 'server_error' }, { status: 500, type: 'server_error', code: null }, null],
    [{ kind: 'overloaded', retryAfterSeconds: 3 }, { status: 503, code: 'server_is_overloaded' }, '3'],
    [
      { kind: 'status', status: 418, code: 'teapot', type: 'kitchen', param: 'pot', message: 'No coffee.' },
      { status: 418, code: 'teapot', type: 'kitchen', param: 'pot', message: '418 No coffee.' },
      null,
    ],
    [{ kind: 'server_error', headers: { 'x-should-retry': 'false' } }, { status: 500 }, null],
  ])('%j', async (fault, expected, retryAfter) => {
    const { openai, control } = await startForTest();
    control.fault(fault);
    const error = await apiErrorOf(openai.responses.create(ask));
    expect(error).toMatchObject(expected);
    expect(error.headers?.get('retry-after') ?? null).toBe(retryAfter);
    expect(error.requestID).toMatch(/^req_/);
    expect(control.responses()).toEqual([]);
    expect((await openai.responses.create(ask)).status).toBe('completed');
  });

  it.each<[FaultInput, string, string]>([
    [{ kind: 'server_error', shape: 'detail', message: 'Broken.' }, 'application/json', '{"detail":"Broken."}'],
    [{ kind: 'server_error', shape: 'message', message: 'Broken.' }, 'application/json', '{"message":"Broken."}'],
    [{ kind: 'server_error', shape: 'html' }, 'text/html', '<html><body><h1>500</h1></body></html>'],
    [{ kind: 'server_error', shape: 'empty' }, '', ''],
    [{ kind: 'status', status: 500, body: ['odd'] }, 'application/json', '["odd"]'],
  ])('body of another server → %j', async (fault, type, body) => {
    const { url, control } = await startForTest();
    control.fault(fault);
    const got = await fetch(`${url}/responses`, { method: 'POST', body: JSON.stringify(ask) });
    expect([got.status, got.headers.get('content-type') ?? '', await got.text()]).toEqual([500, type, body]);
  });

  it('error_shape → a real error in the form of another server', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'error_shape', shape: 'detail' });
    const error = await apiErrorOf(openai.responses.create({ ...ask, previous_response_id: 'resp_x' }));
    expect(error).toMatchObject({ status: 400, code: undefined, type: undefined });
  });

  it('unknown_parent_404 → 404 for an unknown parent', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'unknown_parent_404' });
    expect(await apiErrorOf(openai.responses.create({ ...ask, previous_response_id: 'resp_x' }))).toMatchObject({
      status: 404,
      message: "404 Previous response with id 'resp_x' not found.",
    });
  });
});

describe('lost connection', () => {
  it('before processing → nothing stored', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'drop' });
    await expect(openai.responses.create(ask)).rejects.toBeInstanceOf(APIConnectionError);
    expect(control.responses()).toEqual([]);
    expect(control.requests()).toMatchObject([{ faults: ['drop'] }]);
  });

  it('after the commit → response stored; the same request creates another', async () => {
    const { openai, control } = await startForTest();
    const parent = await openai.responses.create({
      ...ask,
      input: 'call refund {"order":"7"}',
      tools: [tool('refund', 'order')],
    });
    control.fault({ kind: 'drop_after_commit' });
    const follow = () =>
      openai.responses.create({ ...ask, previous_response_id: parent.id, input: [answer(callOf(parent), 'ok')] });
    await expect(follow()).rejects.toBeInstanceOf(APIConnectionError);
    expect(control.responses().filter((response) => response.previous_response_id === parent.id)).toHaveLength(1);
    const kept = await follow();
    expect(control.responses().map(({ id }) => id)).toContain(kept.id);
    expect(control.responses()).toHaveLength(3);
  });

  it("client's own retries → hidden from the caller, one stored response for each try", async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'drop_after_commit', times: 2 });
    expect((await openai.withOptions({ maxRetries: 2 }).responses.create(ask)).status).toBe('completed');
    expect(control.responses()).toHaveLength(3);
  });
});

describe('requests that a fault matches', () => {
  const refused = (openai: Awaited<ReturnType<typeof startForTest>>['openai'], input: string) =>
    openai.responses.create({ ...ask, input }).then(
      () => 'ok',
      () => 'refused',
    );

  it('default → only the first request', async () => {
    const { openai, control } = await startForTest();
    const fault = control.fault({ kind: 'server_error' });
    expect([await refused(openai, 'a'), await refused(openai, 'b')]).toEqual(['refused', 'ok']);
    expect(fault.happened()).toBe(1);
    control.fault({ kind: 'server_error', times: 'always' });
    expect([await refused(openai, 'a'), await refused(openai, 'b')]).toEqual(['refused', 'refused']);
  });

  it('nth and times → from the nth request, as many times', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'server_error', match: { nth: 2 }, times: 2 });
    const outcomes = [
      await refused(openai, 'a'),
      await refused(openai, 'b'),
      await refused(openai, 'c'),
      await refused(openai, 'd'),
    ];
    expect(outcomes).toEqual(['ok', 'refused', 'refused', 'ok']);
  });

  it('text → also in an earlier response', async () => {
    const { openai, control } = await startForTest();
    const parent = await openai.responses.create({ ...ask, input: 'Call refund {"order":"7"}' });
    control.fault({ kind: 'server_error', match: { text: 'REFUND' } });
    expect(await refused(openai, 'other')).toBe('ok');
    await expect(
      openai.responses.create({ ...ask, previous_response_id: parent.id, input: [answer(callOf(parent), 'ok')] }),
    ).rejects.toMatchObject({ status: 500 });
  });

  it('outputs → only requests with outputs', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'server_error', match: { outputs: true } });
    const parent = await openai.responses.create({ ...ask, input: 'call refund {}' });
    await expect(
      openai.responses.create({ ...ask, previous_response_id: parent.id, input: [answer(callOf(parent), 'ok')] }),
    ).rejects.toMatchObject({ status: 500 });
  });

  it('text and outputs of a thread → by its newest user message', async () => {
    const { openai, control } = await startForTest({ background: { pollsUntilFinished: 1 } });
    const { threads } = openai.beta;
    const { id: thread_id } = await threads.create();
    control.fault({ kind: 'server_error', match: { method: 'POST', text: 'refund' } });
    const message = { role: 'user', content: 'Call refund {}' } as const;
    await expect(threads.messages.create(thread_id, message)).rejects.toMatchObject({ status: 500 });
    await threads.messages.create(thread_id, message);
    const { id: assistant_id } = await openai.beta.assistants.create({
      model: 'gpt-4.1',
      tools: [{ type: 'function', function: { name: 'refund' } }],
    });
    control.fault({ kind: 'server_error', match: { text: 'refund', outputs: true } });
    const run = await threads.runs.createAndPoll(thread_id, { assistant_id }, { pollIntervalMs: 1 });
    const outputs = {
      thread_id,
      tool_outputs: [{ tool_call_id: run.required_action?.submit_tool_outputs.tool_calls[0]?.id ?? '', output: 'ok' }],
    };
    await expect(threads.runs.submitToolOutputs(run.id, outputs)).rejects.toMatchObject({ status: 500 });
    expect((await threads.runs.submitToolOutputs(run.id, outputs)).status).toBe('queued');
  });

  it('path and method → only these', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'server_error', match: { method: 'GET', path: '/v1/responses/*' } });
    const response = await openai.responses.create(ask);
    await expect(openai.responses.retrieve(response.id)).rejects.toMatchObject({ status: 500 });
    expect(await openai.responses.retrieve(response.id)).toMatchObject({ id: response.id });
  });

  it('removed → none; a held request continues', async () => {
    const { openai, control } = await startForTest();
    const hold = control.fault({ kind: 'hold', at: 'after' });
    const held = openai.responses.create(ask);
    await expect.poll(() => control.responses().length).toBe(1);
    hold.remove();
    expect((await held).status).toBe('completed');
    control.fault({ kind: 'server_error' }).remove();
    expect(await refused(openai, 'a')).toBe('ok');
  });

  it('delay → ends after its time', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'delay', milliseconds: 30 });
    expect((await openai.responses.create(ask)).status).toBe('completed');
    expect(control.requests()).toMatchObject([{ faults: ['delay'] }]);
  });

  it('malformed fault → refused', async () => {
    const { control } = await startForTest();
    expect(() => control.fault({ kind: 'gremlins' } as unknown as FaultInput)).toThrow('kind');
  });
});

describe('control over HTTP', () => {
  async function start() {
    const standIn = await startForTest();
    const origin = new URL(standIn.url).origin;
    const send = (method: string, path: string, body?: unknown) =>
      fetch(`${origin}/__stand-in${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const dataOf = async (path: string) => ((await (await send('GET', path)).json()) as { data: unknown[] }).data;
    return { ...standIn, send, dataOf };
  }

  it('faults → set, listed, removed', async () => {
    const { openai, send, dataOf } = await start();
    const set = await send('POST', '/faults', { kind: 'rate_limit', retryAfterSeconds: 7, times: 2 });
    expect(set.status).toBe(201);
    const { id } = (await set.json()) as { id: string };
    await expect(openai.responses.create(ask)).rejects.toMatchObject({ status: 429 });
    expect(await dataOf('/faults')).toEqual([
      { id, happened: 1, fault: { kind: 'rate_limit', retryAfterSeconds: 7, times: 2, shape: 'openai' } },
    ]);
    expect((await send('DELETE', `/faults/${id}`)).status).toBe(204);
    expect((await send('DELETE', `/faults/${id}`)).status).toBe(404);
    expect((await openai.responses.create(ask)).status).toBe('completed');
  });

  it('malformed fault → refused with the cause', async () => {
    const { send } = await start();
    const refused = await send('POST', '/faults', { kind: 'delay', milliseconds: 'long' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: {
        param: 'milliseconds',
        message: "Invalid type for 'milliseconds': expected a decimal, but got a string instead.",
      },
    });
  });

  it('scripts, retired models, clock, reset → each applied', async () => {
    const { openai, send, dataOf } = await start();
    await send('POST', '/scripts', { when: 'hello', steps: [{ text: 'Scripted.' }] });
    const response = await openai.responses.create(ask);
    expect(response.output_text).toBe('Scripted.');
    expect(await dataOf('/responses')).toMatchObject([{ id: response.id }]);
    await send('POST', '/retired-models', { model: 'gpt-4.1' });
    await expect(openai.responses.create(ask)).rejects.toMatchObject({ code: 'model_not_found' });
    await send('POST', '/clock', { advanceMilliseconds: 30 * 24 * 60 * 60 * 1000 });
    await expect(openai.responses.retrieve(response.id)).rejects.toMatchObject({ status: 404 });
    await send('POST', '/reset');
    expect((await openai.responses.create(ask)).output_text).toContain('You wrote: Hello');
  });

  it('request log → no credentials', async () => {
    const { openai, dataOf } = await start();
    const mcp = {
      type: 'mcp' as const,
      server_label: 'mail',
      server_url: 'https://mail.example',
      authorization: 'canary-token',
    };
    await openai
      .withOptions({ apiKey: 'canary-key' })
      .responses.create({ ...ask, tools: [mcp], metadata: { run: 'r-1' } });
    const requests = await dataOf('/requests');
    expect(requests).toMatchObject([
      { method: 'POST', path: '/v1/responses', status: 200, faults: [], body: { metadata: { run: 'r-1' } } },
    ]);
    expect(JSON.stringify(requests)).not.toContain('canary');
  });
});
