import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A callback that the receiver got. */
export type Received = {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
};

/** A receiver of callbacks that records them and answers as configured. */
export type CallbackReceiver = {
  url: string;
  received: Received[];
  /** Answers the coming calls in turn, each when `after` is settled; 200 when there are no more. */
  answers: { status: number; headers?: Record<string, string>; body?: string; after?: Promise<unknown> }[];
  stop(): Promise<void>;
};

export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const received: Received[] = [];
  const answers: CallbackReceiver['answers'] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, text: Buffer.concat(parts).toString() });
      const { status, headers, body = 'ok', after = Promise.resolve() } = answers.shift() ?? { status: 200 };
      void after.then(() => response.writeHead(status, headers).end(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
