/** A logged request, without credentials. */
export type LoggedRequest = {
  /** The `x-request-id` of the answer. */
  readonly id: string;
  /** ISO 8601, on the stand-in's clock. */
  readonly at: string;
  readonly method: string;
  /** Includes the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON body. Undefined if it is missing, not JSON, or longer than 1,000,000 characters. */
  readonly body: unknown;
  readonly bodyCharacters: number;
  /** Undefined while the request is being answered. */
  status: number | undefined;
  /** The kinds of fault that affected it. A lost reply is logged with the status that it would have had. */
  faults: readonly string[];
};

const secretHeaders = new Set(['authorization', 'cookie', 'api-key', 'x-api-key', 'proxy-authorization']);
const longestLoggedBody = 1_000_000;
const longestLog = 2_000;

function withoutSecrets(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) =>
      key === 'authorization' && typeof value === 'string' ? '[hidden]' : value,
    );
  } catch {
    return undefined;
  }
}

/** The last 2,000 requests under `/v1/`, oldest first. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  add(
    request: Omit<LoggedRequest, 'body' | 'bodyCharacters' | 'status' | 'faults' | 'headers'> & {
      headers: Headers;
      text: string;
    },
  ): LoggedRequest {
    const { headers, text, ...rest } = request;
    const logged: LoggedRequest = {
      ...rest,
      headers: Object.fromEntries([...headers].filter(([name]) => !secretHeaders.has(name))),
      body: text.length > longestLoggedBody ? undefined : withoutSecrets(text),
      bodyCharacters: text.length,
      status: undefined,
      faults: [],
    };
    this.#requests = [...this.#requests.slice(1 - longestLog), logged];
    return logged;
  }

  list(): readonly LoggedRequest[] {
    return this.#requests;
  }

  clear(): void {
    this.#requests = [];
  }
}
