import { Webhook } from 'standardwebhooks';

const PREFIX = 'whsec_';

/**
 * The headers of Standard Webhooks (github.com/standard-webhooks/standard-webhooks): id and time always, the signature
 * with a secret. One that begins with `whsec_` is base64 behind that, as the specification has it; any other is taken
 * as it is.
 */
export function standardWebhookHeaders(
  { id, body, at }: { id: string; body: string; at: Date },
  secret: string | undefined,
): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)) };
  if (secret === undefined) return headers;
  return { ...headers, 'webhook-signature': signer(secret).sign(id, at, body) };
}

/** @throws Error when the secret can't be used. */
export function checkWebhookSecret(secret: string): void {
  try {
    signer(secret);
  } catch (cause) {
    throw new Error(
      `The webhook secret begins with ${PREFIX}, but what follows is not base64. Make one with: echo ${PREFIX}$(openssl rand -base64 32)`,
      { cause },
    );
  }
}

function signer(secret: string): Webhook {
  return secret.startsWith(PREFIX) ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
}
