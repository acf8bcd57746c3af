import { once } from 'node:events';
import { Agent, get, request as httpRequest, type IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { serveHttp, type HttpServer } from '../src/serve-http.ts';

const hello = () => new Response('hello');
const local = { host: '127.0.0.1', port: 0, setting: 'THE_SETTING' };
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** A server whose answers wait until `release`. */
async function holding(options: { graceMs?: number } = {}): Promise<{
  server: HttpServer;
  asked: Promise<void>;
  release: () => void;
}> {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const server = await serveHttp({
    ...local,
    ...options,
    fetch: async () => {
      asked.resolve();
      await released.promise;
      return hello();
    },
  });
  return { server, asked: asked.promise, release: released.resolve };
}

it('serveHttp: port 0 → the URL has the port that is used', async () => {
  const server = await serveHttp({ ...local, fetch: hello });
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  expect(await (await fetch(server.url)).text()).toBe('hello');
  await server.close();
});

it.runIf(hasIpv6)('serveHttp: IPv6 address → brackets in the URL', async () => {
  const server = await serveHttp({ ...local, host: '::1', fetch: hello });
  expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await (await fetch(server.url)).text()).toBe('hello');
  await server.close();
});

it('serveHttp: port taken → the error names port, host and setting', async () => {
  const first = await serveHttp({ ...local, fetch: hello });
  const port = Number(new URL(first.url).port);
  await expect(serveHttp({ ...local, port, fetch: hello })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken. Set THE_SETTING to another address.`,
  );
  await first.close();
});

it('serveHttp: address of another machine → the error has the cause and the setting', async () => {
  await expect(serveHttp({ ...local, host: '192.0.2.1', fetch: hello })).rejects.toThrow(
    /^Can't listen on 192\.0\.2\.1:0: .*EADDRNOTAVAIL.*\. Set THE_SETTING to another address\.$/,
  );
});

it('serveHttp: close with an idle keep-alive connection → the connection is ended', async () => {
  const server = await serveHttp({ ...local, fetch: hello });
  const agent = new Agent({ keepAlive: true });
  const [response] = (await once(get(server.url, { agent }), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  await server.close();
  await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  agent.destroy();
});

it('serveHttp: close during a request → the request is answered first', async () => {
  const { server, asked, release } = await holding();
  const agent = new Agent({ keepAlive: true });
  const answered = once(get(server.url, { agent }), 'response') as Promise<[IncomingMessage]>;
  await asked;
  const closed = server.close();
  release();
  const [response] = await answered;
  expect(Buffer.concat((await response.toArray()) as Buffer[]).toString()).toBe('hello');
  await closed;
  agent.destroy();
});

it('serveHttp: request longer than the grace → its connection is ended', async () => {
  const { server, asked, release } = await holding({ graceMs: 10 });
  const answered = fetch(server.url);
  answered.catch(() => undefined);
  await asked;
  await server.close();
  await expect(answered).rejects.toThrow('fetch failed');
  release();
});

const tooLarge = () => Response.json({ error: 'too large' }, { status: 413 });
const large = Buffer.alloc(1_100_000, 'a');

it('serveHttp: 40 large bodies that the answer does not read → each client reads it, and the connection ends', async () => {
  const server = await serveHttp({ ...local, fetch: tooLarge });
  const answers: string[] = [];
  for (let sent = 0; sent < 40; sent++) {
    const { status, headers } = await fetch(server.url, { method: 'POST', body: large });
    answers.push(`${status} ${headers.get('connection')}`);
  }
  expect(new Set(answers)).toEqual(new Set(['413 close']));
  await server.close();
});

it('serveHttp: 40 large bodies of node:http on kept-alive connections → each client reads the answer', async () => {
  const server = await serveHttp({ ...local, fetch: tooLarge });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const send = async () => {
    const request = httpRequest(server.url, { agent, method: 'POST' });
    request.end(large);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await response.resume().toArray();
    return response.statusCode;
  };
  expect(new Set(await Promise.all(Array.from({ length: 40 }, send)))).toEqual(new Set([413]));
  agent.destroy();
  await server.close();
});

it('serveHttp: short body that the answer does not read → the connection is kept', async () => {
  const server = await serveHttp({ ...local, fetch: tooLarge });
  const { headers } = await fetch(server.url, { method: 'POST', body: 'short' });
  expect(headers.get('connection')).toBe('keep-alive');
  await server.close();
});

it('serveHttp: body that stops half way → the answer comes after a second', async () => {
  const server = await serveHttp({ ...local, fetch: tooLarge });
  const began = performance.now();
  const request = httpRequest(server.url, { method: 'POST', headers: { 'content-length': 2_000_000 } });
  request.write(large);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect([response.statusCode, response.headers.connection]).toEqual([413, 'close']);
  expect(performance.now() - began).toBeGreaterThan(900);
  request.destroy();
  await server.close();
});
