import { serve, type ServerType } from '@hono/node-server';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request that a test's service received. */
export type Arrived = { method: string; path: string; headers: Headers; text: string; json: Record<string, unknown> };
export type Service = { url: string; arrived: Arrived[] };

export const healthy = {
  server: 'holdpoint-review-server',
  version: '0.1.0',
  idempotency: true,
  withdraw: true,
  pause: true,
};

/**
 * Starts a service with the given answers. Without `health` it has no /healthz, as hosted Cheqpoint. `arrived` omits
 * calls of /healthz.
 */
export async function startService(
  answer: (request: Arrived) => Response | Promise<Response>,
  health: () => Response = () => new Response('Not found', { status: 404 }),
): Promise<Service> {
  const arrived: Arrived[] = [];
  const server = await new Promise<ServerType>((resolve) => {
    const starting = serve(
      {
        port: 0,
        hostname: '127.0.0.1',
        fetch: async (request: Request) => {
          const text = await request.text();
          const { pathname, search } = new URL(request.url);
          const one = {
            method: request.method,
            path: pathname + search,
            headers: request.headers,
            text,
            json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
          };
          if (pathname.endsWith('/healthz')) return health();
          arrived.push(one);
          return answer(one);
        },
      },
      () => resolve(starting),
    );
  });
  onTestFinished(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived };
}

/** A server that handles each connection as a test says. Its first connection is for the health page. */
export async function startSocketServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      if (data.toString().startsWith('GET /healthz'))
        socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      else onConnection(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Address of a closed port. */
export async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
