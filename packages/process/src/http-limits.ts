import type { Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';

/** Bounds of a server, so that slow or many clients don't stop it. */
export type HttpLimits = {
  /** Open connections at once. A further one is answered with 503. */
  connections: number;
  /** Of these, from one address. Behind a proxy all have the proxy's address. */
  connectionsPerAddress: number;
  /** Bytes of all headers of a request: 431 above. */
  headerBytes: number;
  /** Headers of a request: the others are not read. */
  headers: number;
  /** Time for the headers of a request, from the start of the connection: 408 after it. In milliseconds. */
  headersMs: number;
  /** Time for a whole request: 408 after it. In milliseconds. */
  requestMs: number;
  /**
   * A connection without a request for this long is closed, in milliseconds. Longer than proxies and clients keep theirs:
   * a request that meets the closing connection is lost.
   */
  idleMs: number;
  /** A client that takes none of an answer's bytes for this long loses its connection. In milliseconds. */
  stalledMs: number;
};

export const defaultHttpLimits: HttpLimits = {
  connections: 8192,
  connectionsPerAddress: 4096,
  headerBytes: 16_384,
  headers: 100,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 65_000,
  stalledMs: 30_000,
};

/** How often Node looks for requests that take too long, in milliseconds. Its default is 30 seconds. */
const longestCheckMs = 1_000;

/** The limits that Node itself applies. */
export function serverOptions({ headerBytes, headersMs, requestMs, idleMs }: HttpLimits): ServerOptions {
  return {
    maxHeaderSize: headerBytes,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.min(longestCheckMs, headersMs),
  };
}

/** Applies the other limits: connections, headers, and clients that don't read. */
export function limitConnections(server: Server, limits: HttpLimits): void {
  server.maxHeadersCount = limits.headers;
  const open = new Map<string, number>();
  let all = 0;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const ofAddress = (open.get(address) ?? 0) + 1;
    if (all >= limits.connections) return refuse(socket, 'This server has too many open connections.');
    if (ofAddress > limits.connectionsPerAddress)
      return refuse(socket, 'This address has too many open connections to this server.');
    all += 1;
    open.set(address, ofAddress);
    socket.once('close', () => {
      all -= 1;
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
  closeStalled(server, limits.stalledMs);
}

function refuse(socket: Socket, text: string): void {
  const body = JSON.stringify({ error: `${text} Try again later.` });
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

// Node's time-out counts from the last progress of a socket, also of a long answer. A request that waits for its answer
// has nothing to send, so it is left alone.
function closeStalled(server: Server, stalledMs: number): void {
  const answering = new WeakSet<Socket>();
  server.on('request', ({ socket }, response) => {
    answering.add(socket);
    response.once('close', () => answering.delete(socket));
  });
  server.setTimeout(stalledMs, (socket) => {
    if (!answering.has(socket) || socket.writableLength > 0) socket.destroy();
  });
}
