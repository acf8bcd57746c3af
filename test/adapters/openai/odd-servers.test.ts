import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Json, JsonObject } from '@holdpoint/json';
import { runForTest } from './surface-for-test.ts';

/** A compatible server that answers `POST /responses` in its own way. */
async function oddServer(
  answer: (context: Context, body: JsonObject) => Response | Promise<Response>,
): Promise<string> {
  const app = new Hono().post('/v1/responses', async (context) => await answer(context, await context.req.json()));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const text = (words: string): JsonObject => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: words }],
});
const call = (fields: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  call_id: '1',
  name: 'refund',
  arguments: '{"order":"7"}',
  ...fields,
});
const events = (...list: Array<JsonObject | string>) =>
  new Response(list.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join(''), {
    headers: { 'content-type': 'text/event-stream' },
  });

describe('a compatible server', () => {
  it('plain JSON for a streaming request → read', async () => {
    const url = await oddServer((context) => context.json({ id: 'r1', status: 'completed', output: [text('Hi.')] }));
    const run = await runForTest(url);
    expect((await run.take('hello')).outcome).toEqual({ type: 'answer', text: 'Hi.' });
  });

  it.each([
    ['plain JSON', 200, 'application/json'],
    ['a stream', 200, 'text/event-stream'],
    ['an error page', 502, 'text/html'],
  ])('endless answer (%s) → aborted', async (_what, status, type) => {
    let sent = 0;
    const url = await oddServer(
      () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              sent += 1;
              controller.enqueue(new Uint8Array(8 * 1024 * 1024).fill(32));
            },
          }),
          { status, headers: { 'content-type': type } },
        ),
    );
    expect(await (await runForTest(url)).failure('hello')).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('and was aborted'),
    });
    expect(sent).toBeLessThan(100);
  });

  it('no status, ids and item status → read, and the transcript is sent each turn', async () => {
    const bodies: JsonObject[] = [];
    const url = await oddServer((context, body) => {
      bodies.push(body);
      return context.json({ output: [bodies.length === 1 ? call() : text('Done.')] });
    });
    const run = await runForTest(url);
    expect((await run.take('hello')).outcome).toEqual({
      type: 'calls',
      words: null,
      calls: [{ callId: '1', name: 'refund', arguments: '{"order":"7"}' }],
    });
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(bodies[1]).toMatchObject({
      input: [{ type: 'message' }, { type: 'function_call' }, { type: 'function_call_output' }],
    });
  });

  it('arguments as an object, content as text → read', async () => {
    const url = await oddServer((context) =>
      context.json({ id: 'r', output: [{ ...text(''), content: 'I refund.' }, call({ arguments: { order: '7' } })] }),
    );
    const run = await runForTest(url);
    expect((await run.take('hello')).outcome).toMatchObject({
      words: 'I refund.',
      calls: [{ arguments: '{"order":"7"}' }],
    });
  });

  it('call with an item id only → answered under that id', async () => {
    const url = await oddServer((context) =>
      context.json({ id: 'r', output: [{ type: 'function_call', id: 'fc_9', name: 'refund', arguments: '{}' }] }),
    );
    const run = await runForTest(url);
    expect((await run.take('hello')).outcome).toMatchObject({ calls: [{ callId: 'fc_9' }] });
  });

  it('items left out of the last event → taken from the stream', async () => {
    const url = await oddServer(() =>
      events(
        { type: 'response.output_text.delta', delta: 'Hi' },
        { type: 'response.output_item.done', item: text('Hi.') },
        { type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } },
        '[DONE]',
      ),
    );
    const run = await runForTest(url);
    expect((await run.take('hello')).outcome).toEqual({ type: 'answer', text: 'Hi.' });
    expect(run.deltas).toBe(2);
  });

  it.each<[string, JsonObject | string]>([
    ['an error event', { type: 'error', code: 'server_error', message: 'Oops.' }],
    ['an error of the chat kind', { error: { message: 'Oops.', code: 500 } }],
    ['no final event', '[DONE]'],
    ['half of an event', '{"type":"response.comp'],
  ])('stream ends with %s → ModelUnavailable, the half-written call is not returned', async (_name, last) => {
    const url = await oddServer(() => events({ type: 'response.output_item.done', item: call() }, last));
    const run = await runForTest(url);
    expect((await run.failure('hello')).type).toBe('ModelUnavailable');
    expect(await run.transcript()).toEqual([]);
  });

  it('error inside a stream → classified by its code', async () => {
    const url = await oddServer(() => events({ type: 'error', code: 'insufficient_quota', message: 'Nothing left.' }));
    const run = await runForTest(url);
    expect((await run.failure('hello')).type).toBe('QuotaExhausted');
  });

  it('silent stream → aborted', async () => {
    const url = await oddServer(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) =>
              controller.enqueue(new TextEncoder().encode('data: {"type":"response.created"}\n\n')),
          }),
          { headers: { 'content-type': 'text/event-stream' } },
        ),
    );
    const run = await runForTest(url, {}, { timeoutMs: 300 });
    expect(await run.failure('hello')).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('was silent') as unknown,
    });
  });

  it.each([
    ['no answer to a streaming request', () => new Promise<Response>(() => undefined)],
    [
      'half of a JSON answer',
      () =>
        new Response(
          new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":')) }),
          { headers: { 'content-type': 'application/json' } },
        ),
    ],
  ])('%s, then silence → fails after the longest silence, and is retried', async (_what, answer) => {
    const run = await runForTest(await oddServer(answer), {}, { silenceMs: 300 });
    expect(await run.failure('hello')).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('silent for 0.3 s (HOLDPOINT_MODEL_SILENCE_SECONDS)') as unknown,
    });
  });

  it('slow stream → read to its end', async () => {
    const url = await oddServer(
      () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              const send = (event: JsonObject) =>
                controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`));
              for (let piece = 0; piece < 8; piece += 1) {
                send({ type: 'response.output_text.delta', delta: 'x' });
                await sleep(200);
              }
              send({ type: 'response.completed', response: { id: 'r', status: 'completed', output: [text('Hi.')] } });
              controller.close();
            },
          }),
          { headers: { 'content-type': 'text/event-stream' } },
        ),
    );
    const run = await runForTest(url, {}, { timeoutMs: 1000 });
    expect((await run.take('hello')).outcome).toEqual({ type: 'answer', text: 'Hi.' });
  });

  it('no answer to a request without a stream → ModelUnavailable', async () => {
    const url = await oddServer(() => new Promise(() => undefined));
    const run = await runForTest(url, { modelSettings: { stream: false } }, { timeoutMs: 200 });
    expect(await run.failure('hello')).toMatchObject({
      type: 'ModelUnavailable',
      message: 'OpenAI did not answer in time.',
    });
  });

  it.each<[string, Json]>([
    ['a page', '<html>Welcome</html>'],
    ['another object', { object: 'list' }],
    ['nothing', null],
    ['a status that has not ended', { id: 'r', status: 'in_progress', output: [] }],
  ])('200 with %s → ModelUnavailable', async (_name, body) => {
    const url = await oddServer(() => new Response(typeof body === 'string' ? body : JSON.stringify(body)));
    const run = await runForTest(url);
    expect((await run.failure('hello')).type).toBe('ModelUnavailable');
  });

  it('completed response with a half-written call → ModelUnavailable', async () => {
    const url = await oddServer((context) =>
      context.json({ id: 'r', status: 'completed', output: [call(), call({ call_id: '2', status: 'incomplete' })] }),
    );
    const run = await runForTest(url);
    expect(await run.failure('hello')).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('is incomplete') as unknown,
    });
  });

  it('stored response without its calls → the transcript is sent', async () => {
    const bodies: JsonObject[] = [];
    const url = await oddServer((context, body) => {
      bodies.push(body);
      if (body['previous_response_id'])
        return context.json({ error: { message: 'No tool call found for function call output with call_id 1.' } }, 400);
      return context.json({ id: 'r', output: [bodies.length === 1 ? call() : text('Done.')] });
    });
    const run = await runForTest(url);
    await run.take('hello');
    expect((await run.answer('ok')).outcome).toEqual({ type: 'answer', text: 'Done.' });
    expect(bodies).toHaveLength(3);
  });

  it('F29 blocked output → refused once, not taken for a lost response', async () => {
    let posts = 0;
    const url = await oddServer((context) => {
      posts += 1;
      if (posts > 1)
        return context.json({ error: { message: 'Blocked.', code: 'content_policy_violation', param: 'input' } }, 400);
      return context.json({ id: 'r', output: [call()] });
    });
    const run = await runForTest(url);
    await run.take('hello');
    await expect(run.answer('ok')).rejects.toMatchObject({ type: 'ModelBlocked' });
    expect(posts).toBe(2);
  });

  it('key, organization, project → from the options, nothing from the environment', async () => {
    let headers: Record<string, string> = {};
    const url = await oddServer((context) => {
      headers = context.req.header();
      return context.json({ id: 'r', output: [] });
    });
    const run = await runForTest(url, {}, { apiKey: 'k', organization: 'org-1' });
    await run.take('hello');
    expect(headers).toMatchObject({ authorization: 'Bearer k', 'openai-organization': 'org-1' });
    expect(headers).not.toHaveProperty('openai-project');
  });
});
