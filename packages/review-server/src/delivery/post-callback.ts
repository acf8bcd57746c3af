import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { hmacSha256 } from '@holdpoint/json/digest';
import type { CallbackHosts } from '../options.ts';
import { SIGNATURE_HEADER } from '@holdpoint/cheqpoint/wire';
import { callbackProblem } from './callback-hosts.ts';
import { standardWebhookHeaders } from './standard-webhook.ts';
import { isPublicAddress } from '../ip-address.ts';

/** The receiver's answer: status, Retry-After and the beginning of its body. */
export type CallbackAnswer = {
  status: number;
  body: string;
  retryAfter: string | undefined;
};

/** One POST. `id` is the same in all attempts, so receivers can recognise a repeat. */
export type Callback = {
  id: string;
  url: string;
  body: string;
  at: Date;
  /** W3C traceparent of the span that sends it. */
  traceparent?: string | undefined;
};

/** Options for sending callbacks. */
export type CallbackSender = {
  hosts: CallbackHosts;
  /**
   * Signs the exact body twice: as Cheqpoint does (HMAC-SHA256 in lower-case hex without prefix, which verifiers of the
   * raw bytes and verifiers that serialise again both accept), and as Standard Webhooks.
   */
  webhookSecret: string | undefined;
};

/** Time limit of the receiver, in milliseconds. */
const callbackTimeoutMs = 10_000;
/** A gateway's answer has fewer. The rest of a longer one is received and dropped. */
const mostBytesRead = 4096;

/**
 * POSTs the body once, without following redirects. Uses Node's client instead of fetch: its `lookup` checks the same
 * address that the connection uses. The settings may have changed since the request, so they are checked again here.
 *
 * @throws Error without an answer, or for an address that the settings do not allow.
 */
export function postCallback(
  { id, url, body, at, traceparent }: Callback,
  { hosts, webhookSecret }: CallbackSender,
  signal: AbortSignal,
): Promise<CallbackAnswer> {
  const refused = callbackProblem(hosts, url);
  if (refused !== undefined) return Promise.reject(new Error(refused));
  const bytes = Buffer.from(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'user-agent': 'holdpoint-review-server',
    ...(traceparent !== undefined && { traceparent }),
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
        signal: AbortSignal.any([signal, AbortSignal.timeout(callbackTimeoutMs)]),
        ...(hosts === 'public' ? { lookup: createPublicLookup(resolve) } : {}),
      },
      (response) => {
        response.on('error', reject);
        const parts: Buffer[] = [];
        let received = 0;
        response.on('data', (part: Buffer) => {
          if (received < mostBytesRead) parts.push(part);
          received += part.length;
        });
        response.on('end', () =>
          answer({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString('utf8'),
            retryAfter: response.headers['retry-after'],
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(bytes);
  });
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

type Lookup = (hostname: string, options: LookupOptions, callback: LookupCallback) => void;

/** A lookup for one connection that fails unless all addresses of the name are public. Nothing resolves it again. */
export function createPublicLookup(lookup: Lookup): Lookup {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, address, family) => {
      const found = typeof address === 'string' ? [address] : (address ?? []).map((entry) => entry.address);
      if (error === null && (found.length === 0 || !found.every(isPublicAddress)))
        return callback(new Error('the name does not resolve to a public address'), '', 0);
      return callback(error, address, family);
    });
}
