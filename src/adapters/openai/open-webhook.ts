import { OpenAI } from 'openai';

/** The fields that Holdpoint reads of a verified webhook. */
export type OpenedWebhook = {
  webhookId: string;
  type: string;
  /** The response that ended. Null for other kinds of events. */
  responseId: string | null;
};

/** Verifies a webhook and reads it. `body`: the raw bytes, since the signature covers them. */
export type OpenWebhook = (body: Uint8Array, headers: Headers) => Promise<OpenedWebhook | { refused: string }>;

/**
 * Verifies OpenAI's webhooks with OpenAI's library. The signature covers id, time and the raw body (Standard Webhooks).
 * Webhooks older than five minutes are refused.
 * @param secret The endpoint's secret, `whsec_…`.
 */
export function createOpenWebhook(secret: string): OpenWebhook {
  // The library requires an API key, although verifying sends no request.
  const { webhooks } = new OpenAI({ apiKey: 'none', webhookSecret: secret, logLevel: 'off' });
  return async (body, headers) => {
    let event: { type?: unknown; data?: { id?: unknown } | null } | null;
    try {
      // The library returns event types that its own types don't list.
      event = (await webhooks.unwrap(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(body),
        headers,
      )) as unknown as typeof event;
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
    const { type, data } = event ?? {};
    const isOfResponse = typeof type === 'string' && type.startsWith('response.') && typeof data?.id === 'string';
    return {
      webhookId: headers.get('webhook-id') ?? '',
      type: typeof type === 'string' ? type : '',
      responseId: isOfResponse ? (data.id as string) : null,
    };
  };
}
