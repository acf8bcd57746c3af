import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import { answerAfterBody } from './answer-after-body.ts';
import { defaultHttpLimits, limitConnections, serverOptions, type HttpLimits } from './http-limits.ts';

export type ServeHttpOptions = {
  fetch: (request: Request, bindings: HttpBindings | Http2Bindings) => Response | Promise<Response>;
  /** A name or an IP address, IPv6 without brackets. */
  host: string;
  /** 0: any free port. */
  port: number;
  /** The setting that chooses the address, for the error when it can't be used: `HOLDPOINT_GATEWAY_LISTEN`. */
  setting: string;
  /**
   * How long `close` waits for open requests before it ends their connections, in milliseconds.
   * @default 10_000
   */
  graceMs?: number;
  /** @default `defaultHttpLimits` */
  limits?: Partial<HttpLimits>;
};

export type HttpServer = {
  /** `http://host:port`, without a slash at the end. */
  url: string;
  /**
   * Accepts no new connections, ends idle ones, and resolves when all open requests are answered or `graceMs` is over.
   */
  close(): Promise<void>;
};

/**
 * Serves HTTP/1.1 at an address, within limits.
 * @throws Error when the address can't be used: the port is taken, for example. The message names the setting.
 */
export async function serveHttp({
  fetch,
  host,
  port,
  setting,
  graceMs = 10_000,
  limits: given = {},
}: ServeHttpOptions): Promise<HttpServer> {
  const limits = { ...defaultHttpLimits, ...given };
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const server = await new Promise<Server>((resolve, reject) => {
    // A Server of node:http, since nothing else is asked for.
    const answer = (request: Request, bindings: HttpBindings | Http2Bindings) =>
      answerAfterBody(fetch(request, bindings), bindings.incoming);
    const starting = serve({ fetch: answer, hostname: host, port, serverOptions: serverOptions(limits) }, () =>
      resolve(starting),
    ) as Server;
    limitConnections(starting, limits);
    starting.once('error', (cause: NodeJS.ErrnoException) => {
      const problem =
        cause.code === 'EADDRINUSE'
          ? `Port ${port} on ${host} is taken.`
          : `Can't listen on ${bracketed}:${port}: ${cause.message}.`;
      reject(new Error(`${problem} Set ${setting} to another address.`, { cause }));
    });
  });
  let closing = false;
  // Else a kept-alive connection that was busy at `close` holds it up for five seconds after its answer.
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) =>
    response.once('close', () => void (closing && socket.end())),
  );
  return {
    url: `http://${bracketed}:${(server.address() as AddressInfo).port}`,
    async close() {
      closing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
