import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of several servers: each request goes to the next of them. */
export type Balancer = {
  /** `http://localhost:…`, another site than `http://127.0.0.1:…`. */
  url: string;
  /** The servers, by address. Each request goes to the next one. */
  targets: string[];
  /** Paths with the place of the server that answered them. */
  answered: { path: string; server: number }[];
  close(): Promise<void>;
};

export async function startBalancer(): Promise<Balancer> {
  const targets: string[] = [];
  const answered: Balancer['answered'] = [];
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const place = count % targets.length;
    count += 1;
    const { hostname, port } = new URL(targets[place]!);
    answered.push({ path: new URL(incoming.url!, 'http://x').pathname, server: place });
    // Another Host than the browser's, as many proxies send.
    const onward = request(
      {
        hostname,
        port,
        path: incoming.url,
        method: incoming.method,
        headers: { ...incoming.headers, host: `localhost:${port}` },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    targets,
    answered,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
