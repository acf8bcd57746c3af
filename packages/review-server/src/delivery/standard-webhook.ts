import { Webhook } from 'standardwebhooks';

const secretPrefix = 'whsec_';

/**
 * The headers of Standard Webhooks (github.com/standard-webhooks/standard-webhooks): id, time and, with a secret, the
 * signature. A secret with the prefix `whsec_` is decoded from base64, as specified. Any other is used as it is.
 */
export function standardWebhookHeaders(
  { id, body, at }: { id: string; body: string; at: Date },
  secret: string | undefined,
): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)) };
  if (secret === undefined) return headers;
  return { ...headers, 'webhook-signature': signer(secret).sign(id, at, body) };
}

/** @throws Error for a `whsec_` secret that is not base64. */
export function checkWebhookSecret(secret: string): void {
  try {
    signer(secret);
  } catch (cause) {
    throw new Error(
      `The webhook secret begins with ${secretPrefix}, but the rest is not base64. Create one with: echo ${secretPrefix}$(openssl rand -base64 32)`,
      { cause },
    );
  }
}

function signer(secret: string): Webhook {
  return secret.startsWith(secretPrefix) ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
}
