import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { serveHttp, type HttpServer } from '../src/serve-http.ts';
import type { HttpLimits } from '../src/http-limits.ts';

const local = { host: '127.0.0.1', port: 0, setting: 'THE_SETTING', graceMs: 0 };
const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(
  limits: Partial<HttpLimits>,
  fetch: (request: Request) => Response | Promise<Response> = () => new Response('hello'),
): Promise<HttpServer> {
  const server = await serveHttp({ ...local, fetch, limits });
  open.push(server);
  return server;
}

/** A raw connection: `text` is what came back, `closed` when the server has ended it. */
async function raw(server: HttpServer): Promise<{ socket: Socket; closed: Promise<string> }> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  // `once` of node:events would fail with a reset connection, which counts as closed here.
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'connect');
  return { socket, closed };
}
const answers = async (server: HttpServer) => (await fetch(server.url)).text();

it('slowloris: headers that never end → 408, while others are answered', async () => {
  const server = await start({ headersMs: 300 });
  const slow = await Promise.all(Array.from({ length: 50 }, () => raw(server)));
  const drips = slow.map(({ socket }) => {
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
    return setInterval(() => socket.write('x-a: b\r\n'), 50);
  });
  onTestFinished(() => drips.forEach(clearInterval));
  expect(await answers(server)).toBe('hello');
  for (const { closed } of slow) expect(await closed).toMatch(/^(HTTP\/1\.1 408 |$)/);
  expect(await answers(server)).toBe('hello');
});

it('a connection that sends nothing → closed', async () => {
  const server = await start({ headersMs: 300 });
  const { closed } = await raw(server);
  expect(await closed).toMatch(/^(HTTP\/1\.1 408 |$)/);
});

it('connection without a request → kept longer than by a proxy with 60 s, closed at the limit', async () => {
  const headers = async (limits: Partial<HttpLimits>) => {
    const server = await start(limits);
    const { socket, closed } = await raw(server);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return { first: String((await once(socket, 'data'))[0]), closed };
  };
  expect((await headers({})).first.toLowerCase()).toContain('keep-alive: timeout=65');
  expect(await (await headers({ idleMs: 100 })).closed).toContain('200 OK');
});

it('a body that drips → closed at the time limit of a request', async () => {
  const server = await start({ headersMs: 200, requestMs: 400 }, async (request) => new Response(await request.text()));
  const { socket, closed } = await raw(server);
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n');
  const drip = setInterval(() => socket.write('x'), 50);
  onTestFinished(() => clearInterval(drip));
  expect(await closed).not.toContain('200 OK');
});

it('headers above the limit → 431', async () => {
  const server = await start({});
  const { socket, closed } = await raw(server);
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\nx-large: ${'a'.repeat(20_000)}\r\n\r\n`);
  expect(await closed).toMatch(/^HTTP\/1\.1 431 /);
});

it('ten thousand headers → only the first hundred are read', async () => {
  let seen = 0;
  const server = await start({ headerBytes: 1_000_000 }, ({ headers }) => {
    seen = [...headers.keys()].length;
    return new Response('hello');
  });
  const { socket } = await raw(server);
  const answered = once(socket, 'data');
  const many = Array.from({ length: 10_000 }, (_, index) => `x-${index}: 1`).join('\r\n');
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${many}\r\n\r\n`);
  await answered;
  expect(seen).toBeLessThanOrEqual(100);
});

it('too many connections, of one address or in all → 503 with words; a closed one frees its place', async () => {
  for (const limits of [{ connectionsPerAddress: 3 }, { connections: 3 }]) {
    const server = await start(limits);
    const held = await Promise.all([raw(server), raw(server), raw(server)]);
    const refused = await (await raw(server)).closed;
    expect(refused).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 5[^]*too many open connections[^]*Try again later/);
    const ended = once(held[0].socket, 'close');
    held[0].socket.destroy();
    await ended;
    await expect.poll(() => answers(server).catch(() => '')).toBe('hello');
  }
});

/** An answer without end. `sent`: its bytes so far. `cancelled`: its client was given up. */
function endless(): { answer: () => Response; sent: () => number; cancelled: Promise<void> } {
  const cancelled = Promise.withResolvers<void>();
  let sent = 0;
  const answer = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += 1_000_000;
          controller.enqueue(new Uint8Array(1_000_000));
        },
        cancel: () => cancelled.resolve(),
      }),
    );
  return { answer, sent: () => sent, cancelled: cancelled.promise };
}

/** Asks for `/endless` and reads nothing of the answer. */
function askWithoutReading(server: HttpServer): void {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.pause();
  socket.write('GET /endless HTTP/1.1\r\nhost: x\r\n\r\n');
}

it('a client that does not read a long answer → its connection is closed, and the source is cancelled', async () => {
  const { answer, sent, cancelled } = endless();
  askWithoutReading(await start({ stalledMs: 300 }, answer));
  await cancelled;
  // The kernel's buffers hold some megabytes; without back-pressure this would be without end.
  expect(sent()).toBeLessThan(50_000_000);
});

it('an answer that takes longer than the limit to begin → is not cut', async () => {
  const { answer, cancelled } = endless();
  const asked = Promise.withResolvers<void>();
  const server = await start({ stalledMs: 100 }, async ({ url }) => {
    if (url.endsWith('/endless')) return answer();
    asked.resolve();
    // A client that stalls from now on is given up at the limit.
    await cancelled;
    return new Response('late');
  });
  const late = answers(server);
  await asked.promise;
  askWithoutReading(server);
  expect(await late).toBe('late');
});
