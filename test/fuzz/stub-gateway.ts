import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const at = '2026-01-01T00:00:00.000Z';
const key = {
  id: 'hpk_1',
  masked: 'hp_…1234',
  state: 'active',
  createdAt: at,
  createdBy: 'operator',
  lastUsedAt: null,
  expiresAt: null,
  endedAt: null,
};
const caller = {
  name: 'billing',
  scopes: { start: [], read: 'own', control: 'none', ask: false, admin: false },
  createdAt: at,
  createdBy: 'operator',
  removedAt: null,
  keys: [key],
};

const made = { caller, key, secret: 'a new key', replaced: null };
const token = { token: 'hp_inbox_a.b', expiresAt: '2030-01-01T00:00:00.000Z', mayRetry: true };

/** Status and body for an order of the review server. Undefined for an order that a gateway does not know. */
function answerTo(order: string): [status: number, body: object] | undefined {
  if (order === 'GET /v1/api-keys') return [200, { callers: [caller] }];
  if (order === 'POST /v1/inbox-tokens') return [201, token];
  if (/^POST \/v1\/api-keys(\/[^/]+\/rotate)?$/.test(order)) return [201, made];
  if (/^POST \/v1\/api-keys\/[^/]+\/revoke$/.test(order)) return [200, caller];
  return undefined;
}

/**
 * A gateway that carries out every order about API keys and tokens. An order that it does not know is a 5xx at the review
 * server, so that a new one is added here.
 */
export async function startStubGateway(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    const order = `${request.method} ${request.url}`;
    const [status, body] = answerTo(order) ?? [501, { error: { message: `the stub has no ${order}` } }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  // As the gateway does: a client that uses a connection again finds it open.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
