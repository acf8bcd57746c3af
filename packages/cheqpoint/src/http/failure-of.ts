import { retryAfterMs } from '@holdpoint/json/retry-after';
import { ReviewFailure } from '../review-failure.ts';
import { errorTextSchema } from '../wire/cheqpoint-answers.ts';
import { parseJson } from './read-answer.ts';
import type { Reply } from './exchange.ts';

/** The kind of call to the service: create a request, read one, or close one. */
export type Operation = 'request' | 'read' | 'close';

export type FailureContext = {
  operation: Operation;
  baseUrl: string;
  /** Removed from the server's error text. */
  secret: string;
  /** Name of the address in error messages. */
  setting?: string;
};

const longestText = 300;

/** Converts an answer's HTTP status to a failure. Returns undefined for a success (2xx). */
export function failureOf(
  reply: Reply,
  { operation, baseUrl, secret, setting = 'CHEQPOINT_BASE_URL' }: FailureContext,
): ReviewFailure | undefined {
  const { status } = reply;
  if (status >= 200 && status < 300) return undefined;
  const service = `The review service at ${baseUrl}`;
  const text = serverText(reply.text, secret);
  const because = text === undefined ? '' : `: ${text}`;
  if (status >= 300 && status < 400) {
    // 302 and 303 may follow an accepted request. The other codes ask the client to send it again.
    return new ReviewFailure(
      'unavailable',
      `${service} redirected the call (HTTP ${status}${targetOf(reply, baseUrl)}). Redirects are not followed, since they would carry the Connection Key along. Set ${setting} to the final address.`,
      { sent: status === 302 || status === 303 },
    );
  }
  if (status === 401 || status === 403)
    return new ReviewFailure('access-denied', `${service} refused the Connection Key (HTTP ${status})${because}`, {
      sent: false,
    });
  if ((status === 404 || status === 410) && operation !== 'request')
    return new ReviewFailure('gone', `${service} does not know this request (HTTP ${status})${because}`, {
      sent: false,
    });
  if (status === 408 || status === 429 || status >= 500) {
    const wait = retryAfterMs(reply.headers.get('retry-after'), Date.now());
    // Only 429 proves that the request was not accepted. A proxy answers 5xx for a lost reply too.
    return new ReviewFailure('unavailable', `${service} could not answer (HTTP ${status})${because}`, {
      sent: status !== 429,
      ...(wait !== undefined && { retryAfterMs: wait }),
    });
  }
  // 409: an earlier request has this idempotency key, so that one did arrive.
  return new ReviewFailure('refused', `${service} refused the call (HTTP ${status})${because}`, {
    sent: status === 409,
  });
}

function serverText(body: string, secret: string): string | undefined {
  const { data } = errorTextSchema.safeParse(parseJson(body));
  const text = data?.error
    .replaceAll(secret, '[Connection Key]')
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim();
  return text && text.length > longestText ? `${text.slice(0, longestText)}…` : text || undefined;
}

function targetOf({ headers }: Reply, baseUrl: string): string {
  const target = URL.parse(headers.get('location') ?? '', baseUrl);
  return target && /^https?:$/.test(target.protocol) ? ` to ${target.origin}` : '';
}
