import { randomBytes, randomInt } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';

/** The longest padding of a compressed answer, in bytes. */
const mostPadding = 96;

const compressed = compress({ contentTypeFilter: /^application\/json/ });

/**
 * Compresses JSON answers to GET. Other answers stay as they are: event streams must not wait in a compressor, and only
 * answers to POST show a new secret. Padding of a random length hides small differences in size: a list has texts of
 * many sources, and one of them may guess at another ([decision 0058](../../../../docs/decisions/0058-compressed-answers.md)).
 */
export const compressedAnswers: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== 'GET') return next();
  await compressed(c, next);
  if (c.res.headers.has('content-encoding'))
    c.header('x-padding', randomBytes(mostPadding).toString('base64url').slice(0, randomInt(1, mostPadding)));
  return undefined;
};
