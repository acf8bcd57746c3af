import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy between a client and a server that records all requests and answers. */
export type WatchingProxy = {
  url: string;
  /** Every request, as far as it has come. */
  requests: { method: string; path: string; headers: IncomingHttpHeaders; text: string }[];
  /** Method, path and status of every answer, in order. */
  answers: { method: string; path: string; status: number; type: string }[];
  stop(): Promise<void>;
};

export async function startWatchingProxy(target: string): Promise<WatchingProxy> {
  const requests: WatchingProxy['requests'] = [];
  const answers: WatchingProxy['answers'] = [];
  const server = createServer((asked, answer) => {
    const { method = '', url: path = '' } = asked;
    const seen = { method, path, headers: asked.headers, text: '' };
    requests.push(seen);
    asked.on('data', (part: Buffer) => (seen.text += part.toString('latin1')));
    const forwarded = request(new URL(path, target), { method, headers: asked.headers }, (response) => {
      answers.push({ method, path, status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '' });
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    asked.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
