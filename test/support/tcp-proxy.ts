import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Where a chunk goes: on to the other end, nowhere, nowhere with both connections reset, or nowhere with this answer to
 * the client and the end of its connection.
 */
export type Fate = 'pass' | 'drop' | 'reset' | { answer: string };

/** One chunk of bytes: from the client (`request`) or from the target (`reply`), and the number of its connection. */
export type Chunk = { direction: 'request' | 'reply'; bytes: Buffer; connection: number };

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
  /** Present connections are reset, and new ones are refused until `heal`. */
  refuse(): Promise<void>;
  /** Present connections are reset. New ones work. */
  resetConnections(): void;
  /** Replies of the present connections are dropped. Requests still arrive. */
  loseReplies(): void;
  /** Each chunk waits this long, until `heal`. */
  slow(delayMs: number): void;
  /** New connections work again. Lost ones stay lost. */
  heal(): Promise<void>;
  /** New connections go to the host and port of this URL. */
  aim(targetUrl: string): void;
  /** Called with each chunk from clients, before it is sent on. */
  onRequest(listener: (bytes: Buffer) => void): void;
  /** Called with each chunk from the target. False: it is dropped, and the connection is reset. */
  onReply(listener: (bytes: Buffer) => boolean): void;
  /** Decides about each chunk, both ways. Later chunks of the same direction wait for the answer. */
  decideFate(decide: (chunk: Chunk) => Fate | Promise<Fate>): void;
  close(): Promise<void>;
};

type Pair = { lost: boolean; repliesLost: boolean; client: Socket; upstream: Socket };

/** Starts a proxy to the host and port of `targetUrl`. `ownPort`: where it listens. Default: any free one. */
export async function startTcpProxy(targetUrl: string, ownPort = 0): Promise<TcpProxy> {
  let target = new URL(targetUrl);
  const pairs = new Set<Pair>();
  let accepted = 0;
  let hole = false;
  let delayMs = 0;
  let watchRequest: (bytes: Buffer) => void = () => undefined;
  let passesReply: (bytes: Buffer) => boolean = () => true;
  let fateOf: (chunk: Chunk) => Fate | Promise<Fate> = () => 'pass';
  const reset = (pair: Pair) => {
    pair.client.resetAndDestroy();
    pair.upstream.destroy();
  };
  const server = createServer((client) => {
    const connection = (accepted += 1);
    const upstream = connect(Number(target.port), target.hostname);
    const pair: Pair = { lost: hole, repliesLost: false, client, upstream };
    pairs.add(pair);
    const relay = (from: Socket, to: Socket, direction: Chunk['direction']) => {
      let queue = Promise.resolve();
      const send = async (bytes: Buffer) => {
        const isLost = () => pair.lost || (direction === 'reply' && pair.repliesLost);
        if (isLost()) return;
        if (direction === 'request') watchRequest(bytes);
        else if (!passesReply(bytes)) return reset(pair);
        const fate = isLost() && direction === 'request' ? 'drop' : await fateOf({ direction, bytes, connection });
        if (delayMs > 0) await sleep(delayMs);
        if (fate === 'reset') return reset(pair);
        if (typeof fate === 'object') {
          pair.lost = true;
          client.end(fate.answer);
          upstream.destroy();
        } else if (fate === 'pass' && !to.destroyed) to.write(bytes);
      };
      from.on('data', (bytes) => void (queue = queue.then(() => send(bytes))));
      from.on('close', () => {
        if (!pair.lost) void queue.then(() => to.end());
        if (!pair.lost) pairs.delete(pair);
      });
      from.on('error', () => undefined);
    };
    relay(client, upstream, 'request');
    relay(upstream, client, 'reply');
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(ownPort);
  const { port } = server.address() as AddressInfo;
  const through = new URL(targetUrl);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  const lose = () => pairs.forEach((pair) => (pair.lost = true));
  const resetAll = () => {
    pairs.forEach(reset);
    pairs.clear();
  };
  const stopListening = () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    resetAll();
    return closed;
  };
  return {
    url: through.href,
    connections: () => accepted,
    loseConnections: lose,
    blackHole() {
      hole = true;
      lose();
    },
    async refuse() {
      await stopListening();
    },
    resetConnections: resetAll,
    loseReplies: () => pairs.forEach((pair) => (pair.repliesLost = true)),
    slow: (milliseconds) => void (delayMs = milliseconds),
    async heal() {
      hole = false;
      delayMs = 0;
      if (!server.listening) await listen(port);
    },
    aim: (url) => void (target = new URL(url)),
    onRequest: (listener) => void (watchRequest = listener),
    onReply: (listener) => void (passesReply = listener),
    decideFate: (decide) => void (fateOf = decide),
    async close() {
      await stopListening();
    },
  };
}
