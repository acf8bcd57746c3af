import { z } from '@hono/zod-openapi';
import { RestFailure } from './rest-failure.ts';

/** The header `Idempotency-Key` of routes that start something. */
export const idempotencyKeyHeader = z.object({
  'idempotency-key': z.string().optional().meta({
    description: 'Makes the request repeatable, as `idempotencyKey` of the body does.',
    example: '"ticket-4711"',
  }),
});

const longestKey = 255;
const path = 'header.idempotency-key';

type Repeatable = { id?: string | undefined; idempotencyKey?: string | undefined };

/**
 * The request with the key of its header as `idempotencyKey`. `keyPath` is the place of the key, for errors.
 * @throws RestFailure for a malformed header, or one beside an `id` or another key in the body.
 */
export function withHeaderKey<Request extends Repeatable>(
  request: Request,
  header: string | undefined,
): Request & { keyPath: 'header.idempotency-key' | 'body.idempotencyKey' } {
  if (header === undefined) return { ...request, keyPath: 'body.idempotencyKey' };
  const key = readKey(header);
  if (request.id !== undefined)
    throw new RestFailure(
      'invalid-request',
      'give either the header Idempotency-Key or `id`; an id already makes a request repeatable',
      path,
    );
  if (request.idempotencyKey !== undefined && request.idempotencyKey !== key)
    throw new RestFailure('invalid-request', 'differs from `idempotencyKey` of the body; give one of them', path);
  return { ...request, idempotencyKey: key, keyPath: path };
}

/** A string of RFC 8941 (`"key"`), or the key without quotes as most programs send it. */
function readKey(header: string): string {
  const text = header.trim();
  const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, '$1');
  // A comma joins two headers. A quote begins another form.
  const key = quoted ?? (/^[ !#-+\--~]*$/.test(text) ? text : undefined);
  if (key === undefined)
    throw new RestFailure(
      'invalid-request',
      'must be one key of printable ASCII characters, best in double quotes: "ticket-4711"',
      path,
    );
  if (key.length === 0 || key.length > longestKey)
    throw new RestFailure('invalid-request', `must have 1 to ${longestKey} characters`, path);
  return key;
}
