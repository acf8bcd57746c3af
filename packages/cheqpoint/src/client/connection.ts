import type { ReviewAnswer } from '../review.ts';
import { exchange, type Exchange } from '../http/exchange.ts';
import { approvalPath, readAnswer } from '../http/read-answer.ts';
import { failureOf, type Operation } from '../http/failure-of.ts';
import { ReviewFailure } from '../review-failure.ts';
import { CONNECTION_KEY_HEADER } from '../wire/wire-names.ts';
import { CheqpointError } from './errors.ts';
import type { ResolvedOptions } from './options.ts';

const setting = 'baseUrl';

/** Single calls to Cheqpoint: no retries, no redirects. The key is sent to `baseUrl` only. */
export class CheqpointConnection {
  // A private field of the language: a logged client does not show the key.
  readonly #key: string;
  readonly #baseUrl: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor({ key, baseUrl, fetch }: ResolvedOptions) {
    this.#key = key;
    this.#baseUrl = baseUrl;
    this.#fetch = fetch;
  }

  /** @throws CheqpointError. If `mayHaveArrived` is true, reviewers may see the request. */
  async post(path: string, body: object, timeoutMs: number): Promise<ReviewAnswer> {
    return this.#call(
      'request',
      () => path,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      timeoutMs,
    );
  }

  /** @throws CheqpointError, also when the answer is about another request. */
  async read(id: string, timeoutMs: number): Promise<ReviewAnswer> {
    const answer = await this.#call('read', () => approvalPath(id), { method: 'GET', headers: {} }, timeoutMs);
    if (answer.id === null || answer.id === id) return answer;
    throw new CheqpointError(
      `The review service at ${this.#baseUrl} was asked for the request ${id} and answered about ${answer.id}. That is no decision on it.`,
      { status: 200 },
    );
  }

  async #call(
    operation: Operation,
    path: () => string,
    init: Exchange['init'],
    timeoutMs: number,
  ): Promise<ReviewAnswer> {
    let status = 0;
    try {
      const headers = {
        accept: 'application/json',
        'user-agent': 'holdpoint',
        ...init.headers,
        [CONNECTION_KEY_HEADER]: this.#key,
      };
      const reply = await exchange({
        fetch: this.#fetch,
        baseUrl: this.#baseUrl,
        url: `${this.#baseUrl}${path()}`,
        init: { ...init, headers },
        timeoutMs,
      });
      status = reply.status;
      const failure = failureOf(reply, { operation, baseUrl: this.#baseUrl, secret: this.#key, setting });
      if (failure) throw failure;
      return readAnswer(reply, this.#baseUrl, setting);
    } catch (error) {
      if (!(error instanceof ReviewFailure)) throw error;
      const mayHaveArrived = operation === 'request' && error.sent;
      const doubt = mayHaveArrived
        ? ' It is unknown whether the request was made: look into the inbox before you ask again.'
        : '';
      throw new CheqpointError(`${error.message}${doubt}`, {
        status,
        passing: error.kind === 'unavailable',
        mayHaveArrived,
        retryAfterMs: error.retryAfterMs,
        cause: error.cause,
      });
    }
  }
}
