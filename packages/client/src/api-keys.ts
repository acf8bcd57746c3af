import type { ApiCaller, ApiCallerList, NewApiKey } from './api-key.ts';
import type { Client } from './client.ts';
import type { GatewayConnection } from './gateway-connection.ts';
import { pathSegment } from './path-segment.ts';

/** The client's methods for callers and their API keys. */
export function createApiKeys(connection: GatewayConnection): Client['apiKeys'] {
  const path = (name: string, rest = '') => `/v1/api-keys/${pathSegment(name)}${rest}`;
  const post = async <Body>(address: string, body: object): Promise<Body> =>
    (await connection.json<Body>(address, { method: 'POST', body })).body;
  return {
    list: async () => (await connection.json<ApiCallerList>('/v1/api-keys')).body.callers,
    get: async (name) => (await connection.json<ApiCaller>(path(name))).body,
    create: (request) => post<NewApiKey>('/v1/api-keys', request),
    rotate: (name, options = {}) => post<NewApiKey>(path(name, '/rotate'), options),
    setScopes: (name, scopes) => post<ApiCaller>(path(name, '/scopes'), scopes),
    revoke: (name, options = {}) => post<ApiCaller>(path(name, '/revoke'), options),
  };
}
