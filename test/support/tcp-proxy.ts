import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that loses its network on demand, as a host that vanishes or a firewall that forgets connections. */
export type TcpProxy = {
  /** The target's URL through the proxy. */
  url: string;
  /** Number of connections accepted so far. */
  connections(): number;
  /**
   * Bytes of the present connections are accepted and dropped, both ways, and none of them ever ends. New ones work.
   */
  loseConnections(): void;
  /** All bytes are dropped, those of new connections too, until `heal`. */
  blackHole(): void;
  /** New connections work again. Lost ones stay lost. */
  heal(): void;
  /** Called with each chunk from clients, before it is sent on. */
  onRequest(listener: (bytes: Buffer) => void): void;
  /** Called with each chunk from the target. False: it is dropped, and the connection is reset. */
  onReply(listener: (bytes: Buffer) => boolean): void;
  close(): Promise<void>;
};

/** Starts a proxy to the host and port of `targetUrl`. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const pairs = new Set<{ lost: boolean; sockets: Socket[] }>();
  let accepted = 0;
  let hole = false;
  let watchRequest: (bytes: Buffer) => void = () => undefined;
  let passesReply: (bytes: Buffer) => boolean = () => true;
  const server = createServer((client) => {
    accepted += 1;
    const upstream = connect(Number(target.port), target.hostname);
    const pair = { lost: hole, sockets: [client, upstream] };
    pairs.add(pair);
    client.on('data', (bytes) => {
      if (pair.lost) return;
      watchRequest(bytes);
      if (!pair.lost) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (pair.lost) return;
      if (passesReply(bytes)) client.write(bytes);
      else {
        client.resetAndDestroy();
        upstream.destroy();
      }
    });
    for (const socket of pair.sockets) socket.on('error', () => undefined);
    client.on('close', () => pair.lost || upstream.end());
    upstream.on('close', () => pair.lost || client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(targetUrl);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  const lose = () => pairs.forEach((pair) => (pair.lost = true));
  return {
    url: through.href,
    connections: () => accepted,
    loseConnections: lose,
    blackHole() {
      hole = true;
      lose();
    },
    heal: () => void (hole = false),
    onRequest: (listener) => void (watchRequest = listener),
    onReply: (listener) => void (passesReply = listener),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { sockets } of pairs) sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
