import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { RestFailure } from './rest-failure.ts';

/**
 * Lets a request pass whose `authorization: Bearer …` is one of the keys. Digests are compared, in constant time.
 * @throws Error when there is no key at all: the gateway would refuse everybody.
 */
export function requireApiKey(apiKeys: readonly string[]): MiddlewareHandler {
  if (apiKeys.length === 0 || apiKeys.includes(''))
    throw new Error('The gateway needs at least one API key, and none may be empty.');
  const digests = apiKeys.map(digest);
  return async (c, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (given === undefined)
      throw new RestFailure('unauthorized', 'Send the API key as the header authorization: Bearer <key>.');
    const found = digest(given);
    // No early end: the time must not tell which key was nearly right.
    const matches = digests.filter((each) => timingSafeEqual(each, found)).length;
    if (matches === 0) throw new RestFailure('unauthorized', 'This API key is not known here.');
    await next();
  };
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
