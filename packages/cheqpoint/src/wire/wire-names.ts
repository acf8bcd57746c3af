/* Names and limits of Cheqpoint's HTTP contract. No imports, so that browsers and definitions of tools can load them. */

/** Address of hosted Cheqpoint. */
export const hostedCheqpointUrl = 'https://app.cheqpoint.co';
/** The key of `details` that is reserved for Holdpoint. Reviewers neither see nor change it. */
export const RESERVED_DETAILS_KEY = 'holdpoint';

/** The details that people see and edit, without the reserved key. */
export function withoutReserved<Details extends Record<string, unknown>>({
  [RESERVED_DETAILS_KEY]: _reserved,
  ...visible
}: Details): Omit<Details, typeof RESERVED_DETAILS_KEY> {
  return visible;
}

/** Header of a Connection Key, on every call. */
export const CONNECTION_KEY_HEADER = 'x-api-key';
/** Header that makes a create repeatable. At most 255 characters. An extension of our review server. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';
/** Header of a callback's signature: HMAC-SHA256 over the exact body, in lower-case hex. */
export const SIGNATURE_HEADER = 'x-cheqpoint-signature';
/** How long `/api/webhooks/inbound` is held at most, in milliseconds. */
export const MAX_HOLD_MS = 10_000;
/** `server` in the answer of `GET /healthz`. Tells a client that our extensions are available. */
export const REVIEW_SERVER_NAME = 'holdpoint-review-server';
