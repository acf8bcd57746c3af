import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@holdpoint/json';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';

/** The answer to the next POST instead of an ordinary `pending`. */
export type Reception =
  'drop the reply' | { status: number; body: JsonObject } | { answer: (id: string) => JsonObject };

export type HostedRequest = {
  id: string;
  body: JsonObject & { details: JsonObject; callbackUrl?: string };
  shown: JsonObject;
  gets: number;
};

/**
 * Cheqpoint with its documented features only: no idempotency, no withdraw, no reason codes. A test sets its answers.
 * It decides without a callback unless the test sends one.
 */
export type HostedCheqpoint = {
  url: string;
  /** All requests that arrived, oldest first. */
  requests: HostedRequest[];
  /** The answers to the next POSTs for a call id. After the last one, `pending`. */
  receive(callId: string, ...receptions: Reception[]): void;
  /** Answers every GET with this, while set. */
  getAnswer: { status: number; body: JsonObject } | undefined;
  /** Fields that GET shows of a request from now on, merged into the pending form. */
  show(id: string, shown: JsonObject): void;
  callBack(id: string): Promise<void>;
  close(): Promise<void>;
};

export async function startHostedCheqpoint(): Promise<HostedCheqpoint> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receptions = new Map<string, Reception[]>();
  const hosted: HostedCheqpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    receive(callId, ...next) {
      receptions.set(callId, next);
    },
    getAnswer: undefined,
    show(id, shown) {
      Object.assign(found(id).shown, shown);
    },
    async callBack(id) {
      const { body, shown } = found(id);
      if (body.callbackUrl === undefined) throw new Error(`${id} has no callbackUrl`);
      await fetch(body.callbackUrl, {
        method: 'POST',
        body: JSON.stringify({ status: shown['status'] ?? 'PENDING', id, details: body.details }),
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function found(id: string): HostedRequest {
    const request = hosted.requests.find((each) => each.id === id);
    if (!request) throw new Error(`Cheqpoint has no request ${id}`);
    return request;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: JsonObject): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method === 'GET' && request.url?.startsWith('/api/approvals/')) {
      const known = hosted.requests.find(({ id }) => request.url === `/api/approvals/${id}`);
      if (known) known.gets += 1;
      if (hosted.getAnswer) return send(hosted.getAnswer.status, hosted.getAnswer.body);
      if (!known) return send(404, { error: 'Not found' });
      return send(200, {
        id: known.id,
        status: 'PENDING',
        details: known.body.details,
        modifiedDetails: null,
        decisionNote: null,
        decidedAt: null,
        ...known.shown,
      });
    }
    if (request.method !== 'POST' || request.url !== '/api/webhooks/inbound') return send(404, { error: 'Not found' });
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as HostedRequest['body'];
    const { callKey = '' } = (body.details[RESERVED_DETAILS_KEY] ?? {}) as { callKey?: string };
    const reception = receptions.get(callKey.split('/').at(-1) ?? '')?.shift();
    if (typeof reception === 'object' && 'status' in reception) return send(reception.status, reception.body);
    const id = `req_${hosted.requests.length + 1}`;
    hosted.requests.push({ id, body, shown: {}, gets: 0 });
    if (reception === 'drop the reply') return void request.socket.destroy();
    send(
      200,
      reception
        ? reception.answer(id)
        : { status: 'pending', approvalId: id, reviewUrl: `https://cheqpoint.example/review/${id}` },
    );
  }

  return hosted;
}
