import { equalInConstantTime, sha256Bytes } from '@holdpoint/json/digest';
import type { MiddlewareHandler } from 'hono';
import { RestFailure } from './rest-failure.ts';

/**
 * Requires one of the keys as `authorization: Bearer <key>`. Compares digests in constant time.
 * @throws Error without keys or with an empty key.
 */
export function requireApiKey(apiKeys: readonly string[]): MiddlewareHandler {
  if (apiKeys.length === 0 || apiKeys.includes(''))
    throw new Error('The gateway needs at least one API key, and none may be empty.');
  const digests = apiKeys.map(sha256Bytes);
  return async (c, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (given === undefined)
      throw new RestFailure('unauthorized', 'Send an API key in the header authorization: Bearer <key>.');
    const found = sha256Bytes(given);
    // Compares all keys: an early end would tell which key matched.
    const matches = digests.filter((each) => equalInConstantTime(each, found)).length;
    if (matches === 0) throw new RestFailure('unauthorized', 'The API key is not one of this gateway.');
    await next();
  };
}
