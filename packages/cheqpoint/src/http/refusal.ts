import { ReviewFailure } from '../review-failure.ts';
import { errorTextSchema } from '../wire/cheqpoint-answers.ts';
import type { Reply } from './exchange.ts';

export type Asked = 'request' | 'read' | 'close';

const LONGEST_TEXT = 300;

/** The failure that an answer's HTTP status means; `undefined` for a success. `secret` is cut out of what the server says; `setting` is what the text calls the address. */
export function refusalOf(
  reply: Reply,
  asked: Asked,
  baseUrl: string,
  secret: string,
  setting = 'CHEQPOINT_BASE_URL',
): ReviewFailure | undefined {
  const { status } = reply;
  const service = `The review service at ${baseUrl}`;
  const said = serverText(reply.text, secret);
  const because = said === undefined ? '' : `: ${said}`;
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) {
    // 302 and 303 may follow upon a request that was taken; the others ask to send it again.
    return new ReviewFailure(
      'unavailable',
      `${service} redirected the call (HTTP ${status}${targetOf(reply, baseUrl)}). Redirects are not followed, since the Connection Key would go along. Set ${setting} to the address that answers itself.`,
      { sent: status === 302 || status === 303 },
    );
  }
  if (status === 401 || status === 403)
    return new ReviewFailure('access-denied', `${service} refused the Connection Key (HTTP ${status})${because}`, {
      sent: false,
    });
  if ((status === 404 || status === 410) && asked !== 'request')
    return new ReviewFailure('gone', `${service} does not know this request (HTTP ${status})${because}`, {
      sent: false,
    });
  if (status === 408 || status === 429 || status >= 500) {
    // Only the refusal to take more says for certain that it was not taken; a proxy answers 5xx for a lost reply too.
    return new ReviewFailure('unavailable', `${service} could not answer (HTTP ${status})${because}`, {
      sent: status !== 429,
      ...retryAfter(reply),
    });
  }
  // A conflict is with an earlier request under the same idempotency key: that one did arrive.
  return new ReviewFailure('refused', `${service} refused the call (HTTP ${status})${because}`, {
    sent: status === 409,
  });
}

function serverText(body: string, secret: string): string | undefined {
  try {
    const { data } = errorTextSchema.safeParse(JSON.parse(body));
    const text = data?.error
      .replaceAll(secret, '[Connection Key]')
      .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
      .trim();
    return text && text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text || undefined;
  } catch {
    return undefined;
  }
}

function targetOf({ headers }: Reply, baseUrl: string): string {
  const target = URL.parse(headers.get('location') ?? '', baseUrl);
  return target && /^https?:$/.test(target.protocol) ? ` to ${target.origin}` : '';
}

/** RFC 9110, 10.2.3: seconds or a date. */
function retryAfter({ headers }: Reply): { retryAfterMs?: number } {
  const value = headers.get('retry-after')?.trim();
  if (!value) return {};
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? { retryAfterMs: Math.max(0, ms) } : {};
}
