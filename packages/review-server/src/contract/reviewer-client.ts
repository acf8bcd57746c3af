import { parseExactJson } from '@holdpoint/json';
import type { PartialSignIn } from './passkeys.ts';
import type { SignedIn } from './session.ts';
import type { ReviewerCalls } from './reviewer-calls.ts';

/** The methods of `/reviewer-api`. */
export type ReviewerMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The address of a review server and the reviewer's session. */
export type ReviewerClientOptions = {
  /** Address of the server, without a slash at its end. @default '' (the page's own origin, in a browser) */
  url?: string;
  /** Token of a sign-in. Browsers leave it out: their session is in a cookie. */
  token?: string;
  /**
   * Longest silence of the server, in milliseconds, before the headers and between two parts of the body.
   * @default 30_000
   */
  silenceMs?: number;
};

type SendOptions = {
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  silenceMs?: number | undefined;
};
type ParameterOf<Route extends string> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never;
type CallInput<Route extends keyof ReviewerCalls> = Omit<ReviewerCalls[Route], 'answer'> &
  ([ParameterOf<Route>] extends [never] ? unknown : { path: Record<ParameterOf<Route>, string> });
type CallArguments<Route extends keyof ReviewerCalls> =
  Partial<CallInput<Route>> extends CallInput<Route> ? [input?: CallInput<Route>] : [input: CallInput<Route>];

/** The reviewers' API of one server. Every method throws `ReviewerApiError` for a refusal, a failure, or no answer. */
export type ReviewerClient = {
  /**
   * Calls a route of `/reviewer-api`. Numbers of the answer keep the digits they were written with.
   *
   * @example
   * const approval = await client.call('GET /approvals/{id}', { path: { id: 'req_1' } });
   */
  call<Route extends keyof ReviewerCalls>(
    route: Route,
    ...input: CallArguments<Route>
  ): Promise<ReviewerCalls[Route]['answer']>;
  /**
   * Sends one request and reads the JSON answer. Undefined for an empty one. An abort by `signal` is thrown as it is.
   */
  send(method: ReviewerMethod, path: string, options?: SendOptions): Promise<unknown>;
  /** Starts the download of a file. Reading its parts throws too when the server falls silent. */
  download(path: string, options?: Omit<SendOptions, 'body'>): Promise<AsyncGenerator<Uint8Array>>;
};

/** A call that was refused, failed, or got no answer. The message is a sentence for people. */
export class ReviewerApiError extends Error {
  override readonly name = 'ReviewerApiError';
  /** HTTP status; 0 when there was no whole answer. */
  readonly status: number;
  /** The JSON answer, where there was one. */
  readonly body: unknown;

  constructor(message: string, status: number, { body, cause }: { body?: unknown; cause?: unknown } = {}) {
    super(message, { cause });
    this.status = status;
    this.body = body;
  }
}

const defaultSilenceMs = 30_000;
/** Verifying reads the whole audit before it answers. */
const slowPaths: Readonly<Record<string, number>> = { '/audit/verify': 600_000 };

/**
 * A client of `/reviewer-api`, for browsers and Node alike. See `signInReviewer` for a program without a token.
 *
 * @example
 * const client = createReviewerClient({ url: 'https://review.example.com', token });
 */
export function createReviewerClient({
  url = '',
  token,
  silenceMs = defaultSilenceMs,
}: ReviewerClientOptions = {}): ReviewerClient {
  async function open(
    method: ReviewerMethod,
    path: string,
    { body, signal, silenceMs: longest = slowPaths[path] ?? silenceMs }: SendOptions,
  ): Promise<{ response: Response; parts: AsyncGenerator<Uint8Array> }> {
    const silence = limitSilence(longest);
    const failure = (cause: unknown) => {
      silence.stop();
      if (signal?.aborted) return cause;
      const problem = silence.signal.aborted ? `did not answer within ${longest / 1000} seconds` : 'can’t be reached';
      return new ReviewerApiError(`The review server${url && ` at ${url}`} ${problem}.`, 0, { cause });
    };
    const response = await fetch(`${url}/reviewer-api${path}`, {
      method,
      redirect: 'error',
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw failure(cause);
    });
    async function* parts(): AsyncGenerator<Uint8Array> {
      const reader = response.body?.getReader();
      const read = async () => {
        silence.restart();
        const part = await reader?.read().catch((cause: unknown) => {
          throw failure(cause);
        });
        // The caller may take its time with a part.
        silence.stop();
        return part?.value;
      };
      try {
        for (let part = await read(); part !== undefined; part = await read()) yield part;
      } finally {
        await reader?.cancel().catch(() => undefined);
      }
    }
    return { response, parts: parts() };
  }

  async function send(method: ReviewerMethod, path: string, options: SendOptions = {}): Promise<unknown> {
    const { response, parts } = await open(method, path, options);
    return answerOf(response, await textOf(parts));
  }

  return {
    send,
    async call<Route extends keyof ReviewerCalls>(
      route: Route,
      ...[input]: CallArguments<Route>
    ): Promise<ReviewerCalls[Route]['answer']> {
      const [method, template] = route.split(' ') as [ReviewerMethod, string];
      const { path = {}, query = {}, body } = (input ?? {}) as CallParts;
      const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => segmentOf(path[name] ?? ''));
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
      return (await send(method, search.size === 0 ? filled : `${filled}?${search.toString()}`, {
        body,
      })) as ReviewerCalls[Route]['answer'];
    },
    async download(path, options = {}) {
      const { response, parts } = await open('GET', path, options);
      if (!response.ok) answerOf(response, await textOf(parts));
      return parts;
    },
  };
}

/**
 * Signs a program in by name and password.
 *
 * @throws ReviewerApiError for wrong credentials (401), too many attempts (429), or no answer (0).
 */
export async function signInReviewer(
  url: string,
  name: string,
  password: string,
): Promise<{ token: string; client: ReviewerClient }> {
  return clientOf(url, await createReviewerClient({ url }).call('POST /session', { body: { name, password } }));
}

/**
 * Signs a program in by the token of a one-time link.
 *
 * @throws ReviewerApiError for a token that is unknown, used or too old (401), or no answer (0).
 */
export async function signInByToken(url: string, token: string): Promise<{ token: string; client: ReviewerClient }> {
  return clientOf(url, await createReviewerClient({ url }).call('POST /session/link', { body: { token } }));
}

function clientOf(url: string, answer: SignedIn | PartialSignIn): { token: string; client: ReviewerClient } {
  const token = 'next' in answer ? undefined : answer.token;
  if (token === undefined) throw new ReviewerApiError('The review server signed in without a token.', 200);
  return { token, client: createReviewerClient({ url, token }) };
}

type CallParts = {
  path?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
};

/** A value as one segment of an address. @throws ReviewerApiError for half of a surrogate pair. */
function segmentOf(value: string): string {
  if (!value.isWellFormed()) throw new ReviewerApiError(`Nothing has the name or id ${JSON.stringify(value)}.`, 0);
  return encodeURIComponent(value);
}

/** @throws ReviewerApiError for a status other than 2xx, and for an answer that is not JSON. */
function answerOf({ ok, status }: Response, text: string): unknown {
  let answer: unknown;
  try {
    answer = text === '' ? undefined : parseExactJson(text);
  } catch (cause) {
    if (ok) throw new ReviewerApiError('The review server’s answer is not JSON.', status, { cause });
  }
  if (ok) return answer;
  const error = (answer as { error?: unknown } | null | undefined)?.error;
  const sentence = typeof error === 'string' && error.trim() !== '' ? error : `The review server answered ${status}.`;
  throw new ReviewerApiError(sentence, status, { body: answer });
}

async function textOf(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of parts) text += decoder.decode(part, { stream: true });
  return text + decoder.decode();
}

/** A signal that fires when `restart` was not called for `ms`. */
function limitSilence(ms: number): { signal: AbortSignal; restart(): void; stop(): void } {
  const controller = new AbortController();
  const start = () => setTimeout(() => controller.abort(), ms);
  let timer = start();
  return {
    signal: controller.signal,
    restart() {
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}
