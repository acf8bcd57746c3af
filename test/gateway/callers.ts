import { sha256 } from '@holdpoint/json/digest';
import { onTestFinished } from 'vitest';
import { guarded } from '../../src/adapters/database/guarded.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { leastScopes, type CallerScopes } from '../../src/domain/caller.ts';
import { makeApiKey, maskApiKey } from '../../src/gateway/api-key-form.ts';
import type { GatewayDeps } from '../../src/gateway/app.ts';
import { testGateway } from './test-gateway.ts';

/** A gateway over runs in memory, with callers in a database. `as` sends a request with the key of a caller. */
export async function gatewayWithCallers(changed: Partial<GatewayDeps> = {}) {
  const database = await openDatabase('sqlite::memory:');
  onTestFinished(() => database.close());
  const gateway = testGateway({
    apiKeys: guarded(database.apiKeys),
    recorded: guarded(database.recordedRuns),
    ...changed,
  });
  const secrets = new Map<string, string>();
  return {
    ...gateway,
    database,
    secrets,
    add: async (name: string, scopes: Partial<CallerScopes> = {}): Promise<string> => {
      const secret = makeApiKey();
      const made = await database.apiKeys.create({
        name,
        scopes: { ...leastScopes, ...scopes },
        key: { hash: sha256(secret), masked: maskApiKey(secret) },
        by: 'test',
        at: Date.now(),
      });
      if (made.outcome !== 'done') throw new Error(`The caller ${name} exists.`);
      secrets.set(name, secret);
      return secret;
    },
    as: (name: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      gateway.call(method, path, body, { authorization: `Bearer ${secrets.get(name)}`, ...headers }),
  };
}

/** A request for a run. */
export const start = { assistant: 'comms', input: 'Tell all customers.' };
/** A request for a standalone approval. */
export const ask = { action: 'refund', summary: 'Refund A-17', details: { order: 'A-17' } };

/** A request for each route of the policy, about the run `of`. */
export function requestFor(route: string, of: string): { method: string; path: string; body?: unknown } {
  const [method = '', template = ''] = route.split(' ');
  const id = template.startsWith('/v1/approvals') ? `req-${of}` : of;
  const path = template.replace('{id}', id).replace('{name}', 'victim');
  const bodies: Record<string, unknown> = {
    'POST /v1/runs': start,
    'POST /v1/runs/{id}/messages': { text: 'More.' },
    'POST /v1/approvals': ask,
    'POST /v1/approvals/{id}/answers': { question: 'question-1', answer: 'Yes.' },
    'POST /v1/inbox-tokens': { person: 'ana', mayRetry: true },
    'POST /v1/removals': { field: 'customer.id', value: 'c_17' },
    'POST /v1/api-keys': { name: 'another' },
    'POST /v1/api-keys/{name}/rotate': {},
    'POST /v1/api-keys/{name}/scopes': {},
    'POST /v1/api-keys/{name}/revoke': {},
  };
  return { method, path, ...(route in bodies && { body: bodies[route] }) };
}
