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

/** A gateway that carries out every order about API keys. */
export async function startStubGateway(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    const isList = request.method === 'GET';
    const isRevoked = request.url?.endsWith('/revoke') === true;
    const made = { caller, key, secret: 'a new key', replaced: null };
    response.writeHead(isList || isRevoked ? 200 : 201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isList ? { callers: [caller] } : isRevoked ? caller : made));
  });
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
