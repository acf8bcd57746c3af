import { isJsonObject } from '@holdpoint/json';

/** Only the beginning of an error page is read, in characters. */
const longestBody = 20_000;

/**
 * Wraps `fetch` so that every error body has OpenAI's form `{ error: { message, … } }`. Compatible servers answer with
 * `{ detail }`, `{ message }`, plain text or an HTML page. The OpenAI client would drop their text.
 */
export function withReadableErrors(innerFetch: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await innerFetch(input, init);
    if (response.ok) return response;
    const body = (await response.text()).slice(0, longestBody);
    const headers = new Headers(response.headers);
    for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) headers.delete(name);
    headers.set('content-type', 'application/json');
    return new Response(JSON.stringify({ error: errorIn(body) }), {
      status: response.status,
      statusText: response.statusText,
      headers,
    });
  };
}

function errorIn(body: string): object {
  const parsed = parse(body);
  if (!isJsonObject(parsed)) return { message: typeof parsed === 'string' ? parsed : pageText(body) };
  if (isJsonObject(parsed['error']))
    return { ...parsed['error'], message: sentence(parsed['error']['message'] ?? parsed['error']) };
  const message = parsed['error'] ?? parsed['detail'] ?? parsed['message'] ?? parsed;
  return { ...parsed, message: sentence(message) };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function sentence(message: unknown): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}

function pageText(body: string): string {
  const text = body
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text === '' ? '(no text in the answer)' : text;
}
