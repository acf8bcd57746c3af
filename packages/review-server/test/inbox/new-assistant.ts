import { randomUUID } from 'node:crypto';
import type { NewKey } from '../../src/contract/review-admin.ts';
import type { TestServer } from '../test-server.ts';

/** A unique name, so that a retried test ignores the leftovers of its first attempt. */
export function named(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`;
}

/** A new assistant with its Connection Key. Ana must be an administrator. */
export async function newAssistant(server: TestServer): Promise<{ assistant: string; keyId: string; secret: string }> {
  const {
    body: { key, secret },
  } = await server.post<NewKey>('/reviewer-api/keys', { assistant: named('assistant') }, await server.bearer());
  return { assistant: key.assistant, keyId: key.id, secret };
}
