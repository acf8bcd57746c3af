import { OpenAI } from 'openai';

/** What a genuine webhook says, as far as we listen: which delivery it is, and which response has ended. */
export type OpenedWebhook = {
  webhookId: string;
  type: string;
  /** Null for an event that is none of a response. */ responseId: string | null;
};

/** Opens a webhook: its body exactly as it came, with its headers. */
export type OpenWebhook = (body: Uint8Array, headers: Headers) => Promise<OpenedWebhook | { refused: string }>;

/**
 * Opens what OpenAI's webhooks deliver, by OpenAI's own library: signed over id, time and the exact body (Standard
 * Webhooks), and at most five minutes old. `secret`: the endpoint's, `whsec_…`.
 */
export function createOpenWebhook(secret: string): OpenWebhook {
  // It sends nothing: the library only wants a key to be there.
  const { webhooks } = new OpenAI({ apiKey: 'none', webhookSecret: secret, logLevel: 'off' });
  return async (body, headers) => {
    let event: { type?: unknown; data?: { id?: unknown } | null } | null;
    try {
      // Whatever the library's types say: events that it does not know come through too.
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
