import type { ReviewAnswer, ReviewRequest, ReviewService } from './review.ts';
import { ReviewFailure } from './review-failure.ts';
import { capabilitiesSchema } from './wire/cheqpoint-answers.ts';
import { CONNECTION_KEY_HEADER, IDEMPOTENCY_KEY_HEADER } from './wire/cheqpoint-wire.ts';
import { checkAddress, checkConnectionKey } from './http/check-address.ts';
import { exchange, type Exchange } from './http/exchange.ts';
import { approvalPath, parseJson, readAnswer } from './http/read-answer.ts';
import { refusalOf, type Asked } from './http/refusal.ts';

export type ReviewServiceOptions = {
  /** Hosted Cheqpoint is `https://app.cheqpoint.co`; a path in it is kept. */
  baseUrl: string;
  /** Of one assistant. */
  connectionKey: string;
  fetch?: typeof globalThis.fetch;
  /** How long one call may take, in milliseconds. Default 10,000. */
  timeoutMs?: number;
  userAgent?: string;
  /** Milliseconds since the epoch. Default: the system's clock. */
  now?: () => number;
};

type Capabilities = Awaited<ReturnType<ReviewService['capabilities']>>;

const HOSTED: Capabilities = { idempotency: false, withdraw: false };
/** A service that looked like the hosted one is asked once more after this: a proxy may have answered in ours' place. */
const SURE_FOR_MS = 5 * 60_000;

/**
 * A client of Cheqpoint's HTTP contract, hosted or our review server. It never repeats a call by itself, never follows
 * a redirect, and shows the Connection Key to nobody but the address it was given. What only our review server
 * understands is sent only to our review server.
 *
 * @throws Error when `baseUrl` or `connectionKey` can't be used.
 */
export function createReviewService(options: ReviewServiceOptions): ReviewService {
  const { fetch = globalThis.fetch, timeoutMs = 10_000, userAgent = 'holdpoint', now = Date.now } = options;
  const baseUrl = checkAddress(options.baseUrl);
  const key = checkConnectionKey(options.connectionKey);
  const common = { accept: 'application/json', 'user-agent': userAgent };
  let known: Promise<Capabilities> | undefined;
  let askedAt = 0;

  const capabilities = async (): Promise<Capabilities> => {
    known ??= ask();
    const answer = await known;
    if (answer !== HOSTED || now() - askedAt <= SURE_FOR_MS) return answer;
    known = ask(HOSTED);
    return await known;
  };

  const ask = (otherwise?: Capabilities): Promise<Capabilities> => {
    askedAt = now();
    return askCapabilities().catch((error: unknown) => {
      if (otherwise) return otherwise;
      known = undefined;
      throw error;
    });
  };

  const askCapabilities = async (): Promise<Capabilities> => {
    try {
      const reply = await exchange({
        fetch,
        baseUrl,
        url: `${baseUrl}/healthz`,
        init: { method: 'GET', headers: common },
        timeoutMs,
      });
      const { data } = capabilitiesSchema.safeParse(parseJson(reply.text));
      if (data) return { idempotency: data.idempotency, withdraw: data.withdraw };
      // A service that is not up yet says nothing about what it is.
      const passing = refusalOf(reply, 'read', baseUrl, key);
      if (passing?.kind === 'unavailable' && reply.status >= 400) throw passing;
      return HOSTED;
    } catch (error) {
      throw error instanceof ReviewFailure ? notSent(error) : error;
    }
  };

  const call = async (
    asked: Asked,
    path: string,
    more: Pick<Exchange, 'init' | 'signal' | 'timeoutMs'>,
  ): Promise<ReviewAnswer> => {
    const init = { ...more.init, headers: { ...common, ...more.init.headers, [CONNECTION_KEY_HEADER]: key } };
    const reply = await exchange({ ...more, fetch, baseUrl, url: `${baseUrl}${path}`, init });
    const refusal = refusalOf(reply, asked, baseUrl, key);
    if (refusal) throw refusal;
    return readAnswer(reply, baseUrl);
  };

  const post = (body: object, headers: Record<string, string> = {}): Exchange['init'] => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

  return {
    capabilities,

    async request(request) {
      const { idempotency } = await capabilities();
      const init = idempotency
        ? post({ ...documented(request), ...extensions(request) }, { [IDEMPOTENCY_KEY_HEADER]: request.idempotencyKey })
        : post(documented(request));
      return call('request', '/api/webhooks/inbound', { init, timeoutMs });
    },

    async read(id, signal) {
      return call('read', approvalPath(id), { init: { method: 'GET', headers: {} }, signal, timeoutMs });
    },

    async close(id, reason, signal) {
      const { withdraw } = await capabilities();
      if (!withdraw)
        throw new ReviewFailure('refused', `The review service at ${baseUrl} has no way to close a request.`, {
          sent: false,
        });
      return call('close', `${approvalPath(id)}/withdraw`, { init: post({ reason }), signal, timeoutMs });
    },
  };
}

/** What Cheqpoint's pages document for the inbound webhook. */
function documented({ action, summary, details, riskLevel, justification, callbackUrl }: ReviewRequest): object {
  return { action, summary, details, riskLevel, justification, callbackUrl };
}

/** What our review server understands beyond that. */
function extensions({
  agentName,
  expiresAt,
  argumentsSchema,
  workflowUrl,
  riskReason,
  conversation,
}: ReviewRequest): object {
  return { agentName, expiresAt, argumentsSchema, workflowUrl, riskReason, conversation };
}

/** Asking what a service can do sends nothing that it could take. */
function notSent({ kind, message, retryAfterMs, cause }: ReviewFailure): ReviewFailure {
  return new ReviewFailure(kind, message, {
    sent: false,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
