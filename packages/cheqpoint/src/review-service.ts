import { isJsonObject } from '@holdpoint/json';
import type { DecisionsReply, Pause, ReviewAnswer, ReviewRequest, ReviewService } from './review.ts';
import { ReviewFailure } from './review-failure.ts';
import {
  capabilitiesSchema,
  feedSchema,
  openQuestionsSchema,
  questionSchema,
  standingSchema,
} from './wire/cheqpoint-answers.ts';
import { CONNECTION_KEY_HEADER, hostedCheqpointUrl, IDEMPOTENCY_KEY_HEADER } from './wire/wire-names.ts';
import { checkAddress, checkConnectionKey } from './http/check-address.ts';
import { exchange, type Exchange, type Reply } from './http/exchange.ts';
import { approvalPath, notAnswered, parseJson, readAnswer } from './http/read-answer.ts';
import { clockAhead } from './http/clock-ahead.ts';
import { failureOf, type Operation } from './http/failure-of.ts';
import { PauseMemory } from './pause-memory.ts';

export type ReviewServiceOptions = {
  /** Address of the service, e.g. `hostedCheqpointUrl`. A path is kept. */
  baseUrl: string;
  /** Connection Key of one assistant. */
  connectionKey: string;
  /** @default globalThis.fetch */
  fetch?: typeof globalThis.fetch;
  /**
   * Limit for each HTTP call, in milliseconds.
   *
   * @default 10_000
   */
  timeoutMs?: number;
  /** @default 'holdpoint' */
  userAgent?: string;
  /** Further headers of each call, such as `traceparent`. @default none */
  headers?: () => Record<string, string>;
  /**
   * Milliseconds since the epoch.
   *
   * @default Date.now
   */
  now?: () => number;
  /** Called with each answer: how far the clock of the service is ahead of ours, in milliseconds. */
  onClock?: (aheadMs: number) => void;
};

type Capabilities = Awaited<ReturnType<ReviewService['capabilities']>>;

const hostedCapabilities: Capabilities = { idempotency: false, withdraw: false, pause: false };
/** The most that the feed sends at once. */
const decisionsPerCall = 1000;
/**
 * Milliseconds after which a service that looked like hosted Cheqpoint is detected again. A proxy may have answered for
 * our server.
 */
const recheckHostedMs = 5 * 60_000;

/**
 * Creates a client of Cheqpoint's HTTP contract, for hosted Cheqpoint and for our review server. It makes each call
 * once, follows no redirect, and sends the Connection Key to `baseUrl` only. Extensions are sent to our review server
 * only.
 *
 * @throws Error for an invalid `baseUrl` or `connectionKey`.
 *
 * @example
 * const reviews = createReviewService({ baseUrl: hostedCheqpointUrl, connectionKey });
 * const { status } = await reviews.read('req_1', AbortSignal.timeout(5000));
 */
export function createReviewService(options: ReviewServiceOptions): ReviewService {
  const { fetch = globalThis.fetch, timeoutMs = 10_000, userAgent = 'holdpoint', now = Date.now, onClock } = options;
  const { headers: further = () => ({}) } = options;
  const baseUrl = checkAddress(options.baseUrl);
  const key = checkConnectionKey(options.connectionKey);
  const common = { accept: 'application/json', 'user-agent': userAgent };
  let known: Promise<Capabilities> | undefined;
  let askedAt = 0;
  let withoutFeedAt: number | undefined;
  const pauses = new PauseMemory(now);

  const send = async (request: Omit<Exchange, 'fetch' | 'baseUrl'>): Promise<Reply> => {
    const sentAt = now();
    const init = { ...request.init, headers: { ...further(), ...request.init.headers } };
    const reply = await exchange({ ...request, init, fetch, baseUrl });
    const aheadMs = clockAhead(reply.headers, sentAt, now());
    if (aheadMs !== undefined) onClock?.(aheadMs);
    return reply;
  };

  const capabilities = async (): Promise<Capabilities> => {
    known ??= ask();
    const answer = await known;
    if (answer !== hostedCapabilities || now() - askedAt <= recheckHostedMs) return answer;
    known = ask(hostedCapabilities);
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
    if (baseUrl === hostedCheqpointUrl) return hostedCapabilities;
    try {
      const reply = await send({ url: `${baseUrl}/healthz`, init: { method: 'GET', headers: common }, timeoutMs });
      const { data } = capabilitiesSchema.safeParse(parseJson(reply.text));
      if (data) {
        const { idempotency, withdraw, pause, questions } = data;
        return { idempotency, withdraw, pause, ...(questions && { questions }) };
      }
      if (isOtherService(reply)) return hostedCapabilities;
      // A service that is starting, or a proxy that answers for it, does not show its capabilities yet.
      const failure = failureOf(reply, { operation: 'read', baseUrl, secret: key });
      throw failure?.kind === 'unavailable' ? failure : unclear(reply, baseUrl);
    } catch (error) {
      throw error instanceof ReviewFailure ? notSent(error) : error;
    }
  };

  const call = async (...request: Parameters<typeof reach>): Promise<ReviewAnswer> =>
    readAnswer(await reach(...request), baseUrl);

  const sendWithKey = (path: string, more: Pick<Exchange, 'init' | 'signal' | 'timeoutMs'>): Promise<Reply> => {
    const init = { ...more.init, headers: { ...common, ...more.init.headers, [CONNECTION_KEY_HEADER]: key } };
    return send({ ...more, url: `${baseUrl}${path}`, init });
  };

  const reach = async (
    operation: Operation,
    path: string,
    more: Pick<Exchange, 'init' | 'signal' | 'timeoutMs'>,
  ): Promise<Reply> => {
    const reply = await sendWithKey(path, more);
    const failure = failureOf(reply, { operation, baseUrl, secret: key });
    if (failure) throw failure;
    return reply;
  };

  const get = async (path: string, signal: AbortSignal): Promise<Reply> =>
    await reach('read', path, { init: { method: 'GET', headers: {} }, signal, timeoutMs });

  const askDecisions = async (
    from: { after: string } | { since: string },
    signal: AbortSignal,
  ): Promise<DecisionsReply> => {
    const query = new URLSearchParams({ ...from, limit: String(decisionsPerCall) });
    const reply = await sendWithKey(`/api/decisions?${query.toString()}`, {
      init: { method: 'GET', headers: {} },
      signal,
      timeoutMs,
    });
    if (reply.status === 410 && 'after' in from) return { type: 'unknown-cursor' };
    const failure = failureOf(reply, { operation: 'read', baseUrl, secret: key });
    if (failure?.kind === 'unavailable' || failure?.kind === 'access-denied') throw failure;
    const { data } = failure ? {} : feedSchema.safeParse(parseJson(reply.text));
    if (data === undefined) return { type: 'no-feed' };
    return { type: 'decisions', ids: data.decisions.map(({ id }) => id), cursor: data.cursor, more: data.more };
  };

  const askPaused = async (signal: AbortSignal): Promise<Pause | null> => {
    const reply = await get('/api/assistant', signal);
    const { data } = standingSchema.safeParse(parseJson(reply.text));
    if (data) return data.paused;
    throw notAnswered(reply, baseUrl);
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
        ? post(
            { ...documented(request), ...extensions(request, now()) },
            { [IDEMPOTENCY_KEY_HEADER]: request.idempotencyKey },
          )
        : post(documented(request));
      return ownExpiry(await call('request', '/api/webhooks/inbound', { init, timeoutMs }), idempotency);
    },

    async read(id, signal) {
      const readAt = now();
      const answer = readAnswer(await get(approvalPath(id), signal), baseUrl);
      // Saves a separate call right before an approved tool starts.
      const known = await capabilities().catch(() => undefined);
      if (known?.pause) pauses.note(readAt, answer.paused ?? null);
      return ownExpiry(answer, known?.withdraw === true);
    },

    async readRecord(id, signal) {
      // Review servers of ours have both extensions. Other services get the documented path.
      const { pause: isOurs } = await capabilities();
      return readAnswer(await get(`${approvalPath(id)}${isOurs ? '?texts=true' : ''}`, signal), baseUrl);
    },

    async close(id, reason, signal) {
      const { withdraw } = await capabilities();
      if (!withdraw)
        throw new ReviewFailure('refused', `The review service at ${baseUrl} can't close a request.`, {
          sent: false,
        });
      return call('close', `${approvalPath(id)}/withdraw`, { init: post({ reason }), signal, timeoutMs });
    },

    async paused(signal) {
      // Needs no answer of hosted Cheqpoint, which may be away: it has no kill switch.
      if (baseUrl === hostedCheqpointUrl || !(await capabilities()).pause) return null;
      return await pauses.read(() => askPaused(signal));
    },

    async decisions(from, signal) {
      const isWithout = withoutFeedAt !== undefined && now() - withoutFeedAt <= recheckHostedMs;
      if (baseUrl === hostedCheqpointUrl || isWithout) return { type: 'no-feed' };
      const reply = await askDecisions(from, signal);
      withoutFeedAt = reply.type === 'no-feed' ? now() : undefined;
      return reply;
    },

    async openQuestions({ waitingMs, after }, signal) {
      if (!(await capabilities()).questions) return { questions: [], cursor: null };
      const query = new URLSearchParams({ waitingMs: String(waitingMs), ...(after !== undefined && { after }) });
      const reply = await get(`/api/questions?${query.toString()}`, signal);
      const { data } = openQuestionsSchema.safeParse(parseJson(reply.text));
      if (data) return data;
      throw notAnswered(reply, baseUrl);
    },

    async answerQuestion(id, answer, signal) {
      if (!(await capabilities()).questions)
        throw new ReviewFailure('refused', `The review service at ${baseUrl} has no questions.`, { sent: false });
      const path = `${approvalPath(id)}/answers`;
      const reply = await reach('close', path, { init: post(answer), signal, timeoutMs });
      const { data } = questionSchema.safeParse(parseJson(reply.text));
      if (data) return data;
      throw notAnswered(reply, baseUrl);
    },
  };
}

/** True if the answer of `/healthz` is certainly not from a review server of ours: JSON of another form, or no page. */
function isOtherService({ status, headers, text }: Reply): boolean {
  if (status >= 500 || status === 408 || status === 429) return false;
  if (isJsonObject(parseJson(text))) return true;
  const isWebPage = headers.get('content-type')?.includes('html') || /^\s*</.test(text);
  return (status === 404 || status === 410) && !isWebPage;
}

function unclear({ status, headers }: Reply, baseUrl: string): ReviewFailure {
  const type = headers.get('content-type')?.slice(0, 100) ?? 'no content type';
  return new ReviewFailure(
    'unavailable',
    `GET /healthz of the review service at ${baseUrl} answered HTTP ${status} (${type}), so it is unclear whether this is a Holdpoint review server. Let the proxy in front of it pass /healthz on. For hosted Cheqpoint, CHEQPOINT_BASE_URL is ${hostedCheqpointUrl}.`,
    { sent: false },
  );
}

/** Fields that Cheqpoint's pages document for the inbound webhook. */
function documented({ action, summary, details, riskLevel, justification, callbackUrl }: ReviewRequest): object {
  return { action, summary, details, riskLevel, justification, callbackUrl };
}

/** Further fields that our review server accepts. The time that is left holds on its clock too. */
function extensions(
  { agentName, expiresAt, argumentsSchema, workflowUrl, riskReason, conversation, ...more }: ReviewRequest,
  now: number,
): object {
  const expiresIn = expiresAt === undefined ? undefined : Math.max(0, Date.parse(expiresAt) - now);
  const { by, allowSelf, onBehalfOf, subject, preview, presets } = more;
  return {
    agentName,
    expiresAt,
    expiresIn,
    argumentsSchema,
    workflowUrl,
    riskReason,
    conversation,
    by,
    allowSelf,
    onBehalfOf,
    subject,
    preview,
    presets,
  };
}

/** Hosted Cheqpoint may name an expiry, which is not the deadline of the request: it gets none from us. */
function ownExpiry({ expiresAt, ...answer }: ReviewAnswer, isOurs: boolean): ReviewAnswer {
  return isOurs && expiresAt !== undefined ? { ...answer, expiresAt } : answer;
}

/** The same failure with `sent: false`: asking for capabilities sends no request for review. */
function notSent({ kind, message, retryAfterMs, cause }: ReviewFailure): ReviewFailure {
  return new ReviewFailure(kind, message, {
    sent: false,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
