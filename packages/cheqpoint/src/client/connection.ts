import type { ReviewAnswer } from '../review.ts';
import { exchange, type Exchange } from '../http/exchange.ts';
import { approvalPath, readAnswer } from '../http/read-answer.ts';
import { refusalOf, type Asked } from '../http/refusal.ts';
import { ReviewFailure } from '../review-failure.ts';
import { CONNECTION_KEY_HEADER } from '../wire/cheqpoint-wire.ts';
import { CheqpointError } from './errors.ts';
import type { ResolvedOptions } from './options.ts';

const SETTING = 'baseUrl';

/** Single calls to Cheqpoint. Repeats nothing, follows no redirect, and shows the key to nobody but `baseUrl`. */
export class CheqpointConnection {
  // Private to the language, so that no log of a client shows it.
  readonly #key: string;
  readonly #baseUrl: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor({ key, baseUrl, fetch }: ResolvedOptions) {
    this.#key = key;
    this.#baseUrl = baseUrl;
    this.#fetch = fetch;
  }

  /** @throws CheqpointError; its `mayHaveArrived` says whether people may see the request all the same. */
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

  async #call(asked: Asked, path: () => string, init: Exchange['init'], timeoutMs: number): Promise<ReviewAnswer> {
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
      const refusal = refusalOf(reply, asked, this.#baseUrl, this.#key, SETTING);
      if (refusal) throw refusal;
      return readAnswer(reply, this.#baseUrl, SETTING);
    } catch (error) {
      if (!(error instanceof ReviewFailure)) throw error;
      const mayHaveArrived = asked === 'request' && error.sent;
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
