import type { ErrorBody } from './error-codes.ts';
import { HoldpointError } from './errors.ts';

export type ConnectionOptions = {
  /** Address of the gateway, such as `http://127.0.0.1:7341`. */
  url: string;
  /** An API key of the gateway (`HOLDPOINT_API_KEY`). */
  apiKey: string;
  /**
   * Sends the requests.
   * @default globalThis.fetch
   */
  fetch?: typeof globalThis.fetch;
  /**
   * Time limit of one request, in milliseconds. Event streams have a limit on silence instead.
   * @default 30_000
   */
  timeoutMs?: number;
};

export type RequestOptions = {
  method?: 'GET' | 'POST';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
};

/** Sends HTTP requests to one gateway. */
export class GatewayConnection {
  readonly #base: string;
  readonly #apiKey: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeoutMs: number;

  constructor(options: ConnectionOptions) {
    refuseUnknown(options);
    const { url, apiKey, fetch = globalThis.fetch, timeoutMs = 30_000 } = options;
    checkUrl(url);
    if (!apiKey) throw new TypeError('apiKey is required: an API key of the gateway (HOLDPOINT_API_KEY).');
    if (!(timeoutMs > 0 && timeoutMs <= longestTimerMs))
      throw new TypeError(`timeoutMs must be a number of milliseconds from 1 to ${longestTimerMs}, not ${timeoutMs}.`);
    this.#base = url.replace(/\/+$/, '');
    this.#apiKey = apiKey;
    // Browsers refuse a fetch that is called as a method of another object.
    this.#fetch = (...request) => fetch(...request);
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a request and reads the JSON answer, within the time limit. @throws HoldpointError. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- The caller names the type of the route's answer.
  async json<Body>(
    path: string,
    options: Omit<RequestOptions, 'signal'> = {},
  ): Promise<{ status: number; body: Body }> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await this.open(path, { ...options, signal: timeout });
      const text = await response.text();
      return { status: response.status, body: parseObject(text, response.status, this.#base + path) as Body };
    } catch (error) {
      if (!timeout.aborted) throw error;
      throw new HoldpointError(
        'unreachable',
        `The gateway at ${this.#base} did not answer within ${this.#timeoutMs / 1000} s.`,
        { status: 0, cause: error },
      );
    }
  }

  /** Sends a request. Returns a successful response with its body unread. @throws HoldpointError. */
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
        // A redirect would send the API key to another address.
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

/** The JSON object in a text of the gateway. @throws HoldpointError `unexpected-answer` for any other text. */
export function parseObject(text: string, status: number, address: string): object {
  let cause: unknown;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    cause = error;
  }
  throw new HoldpointError(
    'unexpected-answer',
    `${address} did not answer with a JSON object. Is this the address of a Holdpoint gateway?`,
    { status, cause },
  );
}

async function toError(response: Response, address: string): Promise<HoldpointError> {
  const { status } = response;
  const seconds = Number(response.headers.get('retry-after') || NaN);
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  const { error } = ((await response.json().catch(() => null)) ?? {}) as Partial<ErrorBody>;
  if (typeof error?.code === 'string' && typeof error.message === 'string')
    return new HoldpointError(error.code, error.message, { status, path: error.path, retryAfterMs });
  return new HoldpointError(
    'unexpected-answer',
    `${address} answered with HTTP ${status} and no Holdpoint error. Is this the address of a Holdpoint gateway?`,
    { status, retryAfterMs },
  );
}

const known = ['url', 'apiKey', 'fetch', 'timeoutMs'];
/** A longer timer fires at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Refuses a misspelt option: it would have no effect. */
function refuseUnknown(options: object): void {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = known.find((name) => plain(unknown).endsWith(plain(name)) || plain(name).startsWith(plain(unknown)));
  throw new TypeError(
    `createClient has no option "${unknown}"${near === undefined ? '.' : `; did you mean "${near}"?`} Options: ${known.join(', ')}.`,
  );
}

/** @throws TypeError for another address than http or https, or one with a user name or password, which it does not show. */
function checkUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    const shown = url.includes('@') ? '' : `, not ${JSON.stringify(url)}`;
    throw new TypeError(`The gateway's url must begin with http:// or https://${shown}.`);
  }
  if (parsed.username !== '' || parsed.password !== '')
    throw new TypeError(
      `The gateway's url carries a user name or password for ${parsed.host}. Remove them: the API key has its own option.`,
    );
}
