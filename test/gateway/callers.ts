import { onTestFinished } from 'vitest';
import { guarded } from '../../src/adapters/database/guarded.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { leastScopes, type CallerScopes } from '../../src/domain/caller.ts';
import type { GatewayDeps } from '../../src/gateway/app.ts';
import { testGateway } from './test-gateway.ts';

/** A gateway over runs in memory, with callers in a database. `as` sends a request with the key of a caller. */
export async function gatewayWithCallers(changed: Partial<GatewayDeps> = {}) {
  const database = await openDatabase('sqlite::memory:');
  onTestFinished(() => database.close());
  const gateway = testGateway({ apiKeys: guarded(database.apiKeys), ...changed });
  const secrets = new Map<string, string>();
  return {
    ...gateway,
    database,
    secrets,
    async add(name: string, scopes: Partial<CallerScopes> = {}): Promise<string> {
      const made = await database.apiKeys.create({
        name,
        scopes: { ...leastScopes, ...scopes },
        by: 'test',
        at: Date.now(),
      });
      if (made.outcome !== 'done') throw new Error(`The caller ${name} exists.`);
      secrets.set(name, made.result.secret);
      return made.result.secret;
    },
    as: (name: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      gateway.call(method, path, body, { authorization: `Bearer ${secrets.get(name)}`, ...headers }),
  };
}
