import type { RestErrorBody } from '../schemas/rest-error.ts';
import { HoldpointError } from './errors.ts';

export type ConnectionOptions = {
  /** The gateway's address, such as http://127.0.0.1:7341. */
  url: string;
  /** One of the gateway's API keys (HOLDPOINT_API_KEY). */
  apiKey: string;
  /** Default: the platform's. */
  fetch?: typeof globalThis.fetch;
  /** Milliseconds that one request may take; event streams are not bounded by it. Default 30,000. */
  timeoutMs?: number;
};

export type RequestOptions = {
  method?: 'GET' | 'POST';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
};

/** Speaks HTTP to one gateway. */
export class GatewayConnection {
  readonly #base: string;
  readonly #apiKey: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeoutMs: number;

  constructor({ url, apiKey, fetch = globalThis.fetch, timeoutMs = 30_000 }: ConnectionOptions) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new TypeError(`The gateway's url must begin with http:// or https://, not ${JSON.stringify(url)}.`);
    if (!apiKey) throw new TypeError("An apiKey is needed: one of the gateway's (HOLDPOINT_API_KEY).");
    this.#base = url.replace(/\/+$/, '');
    this.#apiKey = apiKey;
    this.#fetch = fetch;
    this.#timeoutMs = timeoutMs;
  }

  /** One request and its JSON. @throws HoldpointError; the signal's reason when it aborts. */
  async json(path: string, { signal, ...options }: RequestOptions = {}): Promise<{ status: number; body: unknown }> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const response = await this.open(path, {
      ...options,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error;
    });
    try {
      return { status: response.status, body: await response.json() };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw new HoldpointError(
        'unexpected-answer',
        `${this.#base}${path} did not answer with JSON. Is this the address of a Holdpoint gateway?`,
        { status: response.status, cause },
      );
    }
  }

  /** One request; its answer is a good one, unread. @throws HoldpointError; the signal's reason when it aborts. */
  async open(path: string, { method = 'GET', body, headers = {}, signal }: RequestOptions = {}): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(`${this.#base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
        // The key belongs to this address only.
        redirect: 'error',
      });
    } catch (cause) {
      throw new HoldpointError(
        'unreachable',
        `The gateway at ${this.#base} can't be reached. Is it running (npx holdpoint dev, npx holdpoint gateway)?`,
        { status: 0, cause },
      );
    }
    if (response.ok) return response;
    throw await toError(response, `${this.#base}${path}`);
  }
}

async function toError(response: Response, address: string): Promise<HoldpointError> {
  const { status } = response;
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  const body = (await response.json().catch(() => null)) as Partial<RestErrorBody> | null;
  if (typeof body?.error?.code === 'string')
    return new HoldpointError(body.error.code, body.error.message, { status, path: body.error.path, retryAfterMs });
  return new HoldpointError(
    'unexpected-answer',
    `${address} answered with HTTP ${status} and no error of Holdpoint's. Is this the address of a Holdpoint gateway?`,
    { status, retryAfterMs },
  );
}
