import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient, HoldpointError, RunCancelled, RunFailed } from '../src/index.ts';
import { completed, run, waiting, waitingCall } from '../../../test/gateway/fake-runs.ts';
import { apiKey, testGateway } from '../../../test/gateway/test-gateway.ts';

const cleanUp: Array<() => unknown> = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each();
});

type Gateway = ReturnType<typeof testGateway>;

/** A gateway on a real port. `stop` breaks its connections. */
async function listen(gateway: Gateway, port = 0): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: gateway.app.fetch, port, hostname: '127.0.0.1' }, () => resolve(started));
  });
  let stopped = false;
  const stop = () =>
    new Promise<void>((resolve) => {
      if (stopped) return resolve();
      stopped = true;
      server.close(() => resolve());
      if ('closeAllConnections' in server) server.closeAllConnections();
    });
  cleanUp.push(stop);
  const { port: found } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${found}`, port: found, stop };
}

async function connected() {
  const gateway = testGateway();
  const server = await listen(gateway);
  return { gateway, server, client: createClient({ url: server.url, apiKey }) };
}

/** An HTTP server that is not a gateway. */
async function otherServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const request = { assistant: 'comms', input: 'Tell all customers.' };

describe('runs', () => {
  it('create, then result: the final answer', async () => {
    const { gateway, client } = await connected();
    const started = await client.runs.create({ ...request, id: 'a', context: { user: 'ana' } });
    expect([started.id, started.started, started.run.state]).toEqual(['a', true, 'running']);
    const result = started.result();
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    gateway.runs.set(completed('a', 'All told.'));
    expect(await result).toBe('All told.');
  });

  it('create twice with one key: the same run, started is false', async () => {
    const { client } = await connected();
    const first = await client.runs.create({ ...request, idempotencyKey: 'k' });
    const second = await client.runs.create({ ...request, idempotencyKey: 'k' });
    expect([second.id, second.started]).toEqual([first.id, false]);
  });

  it('events: each change, then the end', async () => {
    const { gateway, client } = await connected();
    gateway.runs.set(run('a'));
    const told = [];
    for await (const event of client.runs.events('a')) {
      told.push([event.type, event.run.state]);
      if (event.run.state === 'running') gateway.runs.set(waiting('a', waitingCall('req_1')));
      if (event.run.state === 'waiting') gateway.runs.set(completed('a', 'Done.'));
    }
    expect(told).toEqual([
      ['run', 'running'],
      ['run', 'waiting'],
      ['end', 'completed'],
    ]);
  });

  it('result of a failed run: RunFailed with type and message', async () => {
    const { gateway, client } = await connected();
    gateway.runs.set({
      ...completed('a', ''),
      state: 'failed',
      failure: { type: 'MaxTurnsExceeded', message: 'After 50 turns.' },
    });
    const error = await client.runs.result('a').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RunFailed);
    expect(error).toMatchObject({ runId: 'a', type: 'MaxTurnsExceeded', message: 'After 50 turns.' });
  });

  it('result of a cancelled run: RunCancelled', async () => {
    const { gateway, client } = await connected();
    gateway.runs.set({ ...completed('a', ''), state: 'cancelled' });
    await expect(client.runs.result('a')).rejects.toBeInstanceOf(RunCancelled);
  });

  it('retry and cancel: reach the run', async () => {
    const { gateway, client } = await connected();
    gateway.runs.set(run('a', { state: 'parked' }));
    await client.runs.retry('a');
    await client.runs.cancel('a');
    expect(gateway.runs.orders).toEqual(['retry a', 'cancel a']);
  });

  it('list and get: runs and their approvals', async () => {
    const { gateway, client } = await connected();
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    expect((await client.runs.list({ state: 'waiting', limit: 3 })).runs).toMatchObject([{ id: 'a' }]);
    expect(gateway.runs.filters[0]).toEqual({ state: 'waiting', limit: 3 });
    expect((await client.approvals.list()).approvals).toMatchObject([{ id: 'req_1' }]);
    expect(await client.approvals.get('req_1')).toMatchObject({ runId: 'a' });
    expect((await client.runs.get('a')).state).toBe('waiting');
  });
});

describe('waiting', () => {
  it('gateway stops: reconnects to the next one, with growing pauses', async () => {
    const { gateway, server, client } = await connected();
    gateway.runs.set(run('a'));
    const pauses: number[] = [];
    const result = client.runs.result('a', { onReconnect: (_problem, pause) => void pauses.push(pause) });
    await expect.poll(() => gateway.runs.watchers).toBe(1);
    await server.stop();
    await expect.poll(() => pauses.length).toBeGreaterThan(1);
    gateway.runs.set(completed('a', 'All told.'));
    await listen(gateway, server.port);
    expect(await result).toBe('All told.');
    expect(pauses[1]! / pauses[0]!).toBeGreaterThan(1);
  });

  it('Temporal unavailable: waits for Retry-After, then continues', async () => {
    const { gateway, client } = await connected();
    gateway.runs.set(run('a'));
    gateway.runs.away = true;
    const result = client.runs.result('a', {
      onReconnect: (problem) => {
        expect(problem).toMatchObject({ code: 'temporal-unavailable', status: 503, retryAfterMs: 5000 });
        gateway.runs.away = false;
        gateway.runs.set(completed('a', 'Back.'));
      },
    });
    expect(await result).toBe('Back.');
  }, 20_000);

  it('another client: needs the id only', async () => {
    const { gateway, server } = await connected();
    gateway.runs.set(completed('a', 'Done.'));
    expect(await createClient({ url: `${server.url}/`, apiKey }).runs.result('a')).toBe('Done.');
  });

  it('signal aborts: rejects with its reason, the stream ends', async () => {
    const { gateway, client } = await connected();
    gateway.runs.set(run('a'));
    const stop = new AbortController();
    const result = client.runs.result('a', { signal: stop.signal });
    await expect.poll(() => gateway.runs.watchers).toBe(1);
    stop.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    await expect.poll(() => gateway.runs.watchers).toBe(0);
  });

  it('unknown run or wrong key: rejects at once', async () => {
    const { server, client } = await connected();
    await expect(client.runs.result('none')).rejects.toMatchObject({ code: 'run-not-found', status: 404 });
    await expect(createClient({ url: server.url, apiKey: 'wrong' }).runs.result('a')).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });
});

describe('HoldpointError', () => {
  it('refused request: code, status and path of the gateway', async () => {
    const { client } = await connected();
    const error = await client.runs.create({ assistant: 'comms', input: '' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HoldpointError);
    expect(error).toMatchObject({ code: 'invalid-request', status: 400, path: 'body.input', passing: false });
  });

  it('no gateway: unreachable, passing', async () => {
    const { server, client } = await connected();
    await server.stop();
    await expect(client.runs.get('a')).rejects.toMatchObject({
      code: 'unreachable',
      status: 0,
      passing: true,
      message: expect.stringContaining(server.url),
    });
  });

  it.each([
    [200, 'hello'],
    [404, '<html>'],
    [500, '{"message":"odd"}'],
  ])('answer %i %j: unexpected-answer', async (status, body) => {
    const url = await otherServer((_request, response) => response.writeHead(status).end(body));
    await expect(createClient({ url, apiKey }).runs.get('a')).rejects.toMatchObject({
      code: 'unexpected-answer',
      status,
    });
  });

  it.each([
    ['no answer', () => undefined],
    ['an answer that stops in its body', (response: ServerResponse) => response.writeHead(200).write('{"id":')],
  ])('time limit of a request: %s → unreachable, passing', async (_what, answer) => {
    const url = await otherServer((_request, response) => void answer(response));
    await expect(createClient({ url, apiKey, timeoutMs: 50 }).runs.get('a')).rejects.toMatchObject({
      code: 'unreachable',
      passing: true,
      message: `The gateway at ${url} did not answer within 0.05 s.`,
    });
  });

  it('redirect: not followed, the key stays at its address', async () => {
    const seen: unknown[] = [];
    const target = await otherServer((request, response) => {
      seen.push(request.headers);
      response.end('{}');
    });
    const url = await otherServer((_request, response) => response.writeHead(307, { location: target }).end());
    await expect(createClient({ url, apiKey }).runs.get('a')).rejects.toBeInstanceOf(HoldpointError);
    expect(seen).toEqual([]);
  });

  it.each([
    ['api_key', 'createClient has no option "api_key"; did you mean "apiKey"? Options: url, apiKey, fetch, timeoutMs.'],
    ['baseUrl', 'createClient has no option "baseUrl"; did you mean "url"?'],
    ['retries', 'createClient has no option "retries". Options'],
  ])('createClient with the unknown option %s: TypeError', (option, says) => {
    const options = { url: 'http://127.0.0.1:1', apiKey: 'key', [option]: 'x' };
    expect(() => createClient(options)).toThrow(says);
  });

  it.each([0, -1, Number.NaN, Infinity, 2 ** 31])('createClient with timeoutMs %d: TypeError', (timeoutMs) => {
    expect(() => createClient({ url: 'http://127.0.0.1:1', apiKey: 'key', timeoutMs })).toThrow('timeoutMs must be');
  });

  it.each([
    ['localhost:7341', 'key', 'http'],
    ['', 'key', 'http'],
    ['http://127.0.0.1:1', '', 'apiKey'],
  ])('createClient with url %j and apiKey %j: TypeError', (url, key, says) => {
    expect(() => createClient({ url, apiKey: key })).toThrow(says);
  });
});

describe('answers and ids that are odd', () => {
  const answering = (body: string, init: ResponseInit = {}) =>
    createClient({ url: 'http://127.0.0.1:1', apiKey: 'key', fetch: async () => new Response(body, init) });

  it.each(['null', '5', '"text"'])('body %s → unexpected-answer', async (body) => {
    await expect(answering(body).runs.create({ input: 'x' })).rejects.toMatchObject({ code: 'unexpected-answer' });
  });

  it('error without a text → unexpected-answer', async () => {
    const client = answering('{"error":{"code":"run-not-found","message":{}}}', { status: 404 });
    await expect(client.runs.get('a')).rejects.toMatchObject({ code: 'unexpected-answer', status: 404 });
  });

  it('id with half of a surrogate pair → invalid-request', async () => {
    await expect(answering('{}').runs.get('a\ud83d')).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it.each(['{"id":', 'null'])('event with the data %s → unexpected-answer', async (data) => {
    await expect(answering(`event: end\ndata: ${data}\n\n`).runs.result('a')).rejects.toMatchObject({
      code: 'unexpected-answer',
    });
  });

  it('Retry-After of years → a pause that a timer can take', async () => {
    const stop = new AbortController();
    const client = answering('{}', { status: 503, headers: { 'retry-after': '99999999999' } });
    let pause = 0;
    const watching = client.runs.result('a', {
      signal: stop.signal,
      onReconnect: (_problem, pauseMs) => {
        pause = pauseMs;
        stop.abort(new Error('stopped'));
      },
    });
    await expect(watching).rejects.toThrow('stopped');
    expect(pause).toBe(2 ** 31 - 1);
  });
});
