import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A database behind a network with a delay. */
export type DelayedDatabase = { url: string; close(): Promise<void> };

/**
 * A TCP proxy to the host and port of `url` that hands each reply on `delayMs` later. A round trip takes that much more,
 * and what the timer is late.
 */
export async function delayDatabase(url: string, delayMs: number): Promise<DelayedDatabase> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    client.on('data', (bytes) => upstream.write(bytes));
    // Timers of one length fire in the order in which they were set.
    upstream.on('data', (bytes) => void setTimeout(() => client.write(bytes), delayMs));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
