import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { hmacSha256 } from '@holdpoint/json/digest';
import type { CallbackHosts } from '../options.ts';
import { SIGNATURE_HEADER } from '@holdpoint/cheqpoint/wire';
import { standardWebhookHeaders } from './standard-webhook.ts';
import { isPublicAddress } from '../ip-address.ts';

/** The receiver's answer, as far as it matters. */
export interface CallbackAnswer {
  status: number;
  retryAfter: string | undefined;
}

/** One POST. `id` stays the same over all attempts, so that a receiver can tell a repeat. */
export interface Callback {
  id: string;
  url: string;
  body: string;
  at: Date;
}

/** How callbacks are sent. */
export interface CallbackSender {
  hosts: CallbackHosts;
  /**
   * Signs the exact body twice: as Cheqpoint does (HMAC-SHA256 in lower-case hex without prefix, which a verifier of
   * the raw bytes and one that serialises again both take), and as Standard Webhooks.
   */
  webhookSecret: string | undefined;
}

/** The longest that a receiver may take, in milliseconds. */
const CALLBACK_TIMEOUT_MS = 10_000;

/**
 * POSTs the body once and follows no redirect. Node's own client instead of fetch, because its `lookup` checks the
 * very address that is then connected to.
 *
 * @throws Error when no answer came.
 */
export function postCallback(
  { id, url, body, at }: Callback,
  { hosts, webhookSecret }: CallbackSender,
  signal: AbortSignal,
): Promise<CallbackAnswer> {
  const bytes = Buffer.from(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'user-agent': 'holdpoint-review-server',
    ...standardWebhookHeaders({ id, body, at }, webhookSecret),
    ...(webhookSecret === undefined ? {} : { [SIGNATURE_HEADER]: hmacSha256(webhookSecret, body).toString('hex') }),
  };
  return new Promise((answer, reject) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const request = send(
      url,
      {
        method: 'POST',
        headers,
        signal: AbortSignal.any([signal, AbortSignal.timeout(CALLBACK_TIMEOUT_MS)]),
        ...(hosts === 'public' ? { lookup: publicLookup } : {}),
      },
      (response) => {
        response.on('error', reject);
        response.on('end', () =>
          answer({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }),
        );
        response.resume();
      },
    );
    request.on('error', reject);
    request.end(bytes);
  });
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

function publicLookup(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  resolve(hostname, options, (error, address: string | LookupAddress[], family) => {
    const found = typeof address === 'string' ? [address] : (address ?? []).map((entry) => entry.address);
    if (error === null && !found.every(isPublicAddress))
      return callback(new Error('the name does not resolve to a public address'), '', 0);
    return callback(error, address, family);
  });
}
