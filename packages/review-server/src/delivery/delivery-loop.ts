import { AsyncLocalStorage } from 'node:async_hooks';
import { failSpan, inScope, inSpan, requestScope, scopeHeaders, within, type RequestScope } from '@holdpoint/process';
import type { Logger } from 'pino';
import type { DueDelivery } from '../store/due-delivery.ts';
import { giveBack, recordAttempt, takeDueDeliveries, type Attempt } from '../store/outbox.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { answerProblem } from './answer-problem.ts';
import { nextAttemptAt } from './back-off.ts';
import { postCallback, type CallbackSender } from './post-callback.ts';

/** Sends decisions to callback addresses and notifications to people, until received or for 72 hours. */
export type DeliveryLoop = {
  /** Sends due deliveries now. Call it after each commit. */
  wake(): void;
  /**
   * Sends deliveries leased to this process, and resolves when their attempts are over. Those that have no place are given
   * back, and a later round sends them.
   */
  send(leased: readonly DueDelivery[]): Promise<void>;
  /** The present request has decided the approval: the delivery continues its trace. Call it before `wake`. */
  decided(approvalId: string): void;
  /** Stops. Unfinished deliveries are sent again by a later process. */
  stop(): Promise<void>;
};

const mostAtOnce = 32;
const pollEveryMs = 1000;
/** A connection, a statement and their limits take less. */
const longestRoundMs = 60_000;
/** Decisions whose request is known. A delivery of an older one begins a trace. */
const mostScopes = 1000;

/** Starts with the deliveries that an earlier process left. */
export function startDeliveryLoop(
  store: ReviewStore,
  sender: CallbackSender & {
    notificationUrl?: string | undefined;
    /** Called after each attempt. */
    onAttempt?: (attempt: {
      kind: DueDelivery['kind'];
      result: 'received' | 'failed' | 'abandoned';
      ms: number;
    }) => void;
  },
  log: Logger,
): DeliveryLoop {
  const { notificationUrl } = sender;
  // A process without a notification address leaves notifications to others.
  const kinds = notificationUrl === undefined ? ['decision' as const] : ['decision' as const, 'notification' as const];
  const stopping = new AbortController();
  const inFlight = new Map<string, Promise<void>>();
  let sending: Promise<void> | undefined;
  let again = false;
  const scopes = new Map<string, RequestScope>();
  /** Runs work outside of the request that woke the loop: it sends the deliveries of others, too. */
  const outside = AsyncLocalStorage.snapshot();

  async function sendDue(): Promise<void> {
    do {
      again = false;
      const free = mostAtOnce - inFlight.size;
      const due = free > 0 ? await takeDueDeliveries(store, { kinds, most: free, except: [...inFlight.keys()] }) : [];
      for (const delivery of due) void begin(delivery, free === due.length);
    } while (again && !stopping.signal.aborted);
  }

  /** `more`: others may be due, which had no place. */
  function begin(delivery: DueDelivery, more: boolean): Promise<void> {
    const attempt = inScope(scopes.get(delivery.approval_id) ?? {}, () => deliver(delivery))
      .catch((error: unknown) => log.error({ deliveryId: delivery.id, err: error }, 'delivery could not be recorded'))
      .finally(() => {
        inFlight.delete(delivery.id);
        if (more) wake();
      });
    inFlight.set(delivery.id, attempt);
    return attempt;
  }

  async function send(leased: readonly DueDelivery[]): Promise<void> {
    const places = stopping.signal.aborted ? 0 : mostAtOnce - inFlight.size;
    const attempts = leased.slice(0, places).map((delivery) => begin(delivery, false));
    const left = leased.slice(places);
    if (left.length > 0)
      void giveBack(store, left)
        .catch((error: unknown) => log.error({ err: error }, 'leases of deliveries could not be given back'))
        .finally(wake);
    await Promise.all(attempts);
  }

  async function deliver(delivery: DueDelivery): Promise<void> {
    const { id, kind, approval_id: approvalId, attempts, attempts_before_resend: before } = delivery;
    const { retryAfter, ...attempt } = await (kind === 'decision' ? postInSpan(delivery) : post(delivery));
    const { problem } = attempt;
    const now = store.clock();
    const next = stopping.signal.aborted
      ? now
      : nextAttemptAt({
          now,
          firstAt: new Date(delivery.tried_since),
          attempts: attempts - before,
          retryAfter,
          spread: Math.random(),
        });
    await recordAttempt(store, delivery, attempt, next);
    const result = problem === null ? 'received' : next === undefined ? 'abandoned' : 'failed';
    if (kind === 'decision' && result !== 'failed') scopes.delete(approvalId);
    sender.onAttempt?.({ kind, result, ms: attempt.tookMs });
    if (problem === null) log.info({ approvalId, deliveryId: id, attempts }, `${kind} delivered`);
    else
      log.warn(
        { approvalId, deliveryId: id, attempts, problem, nextAttemptAt: next?.toISOString() ?? null },
        `${kind} not delivered`,
      );
  }

  /** The receiver gets the span as `traceparent`, if a tracing SDK is registered. */
  async function postInSpan(delivery: DueDelivery): ReturnType<typeof post> {
    const attributes = { 'holdpoint.approval.id': delivery.approval_id, 'holdpoint.attempt': delivery.attempts };
    return await inSpan({ name: 'deliver_decision', kind: 'client', attributes }, async (span) => {
      const attempt = await post(delivery);
      if (attempt.status !== null) span.setAttribute('http.response.status_code', attempt.status);
      if (attempt.problem !== null) failSpan(span, attempt.status === null ? 'no answer' : String(attempt.status));
      return attempt;
    });
  }

  async function post({ id, kind, url, body }: DueDelivery): Promise<Attempt & { retryAfter?: string | undefined }> {
    const at = store.clock();
    const began = performance.now();
    const took = () => ({ at, tookMs: Math.round(performance.now() - began) });
    try {
      const answer =
        kind === 'decision'
          ? await postCallback(
              { id, url, body, at, traceparent: scopeHeaders()['traceparent'] },
              sender,
              stopping.signal,
            )
          : // The operator configured this address, so requesters can't misuse it. It is unsigned: requesters share the secret.
            await postCallback(
              { id, url: notificationUrl ?? '', body, at },
              { hosts: 'any', webhookSecret: undefined },
              stopping.signal,
            );
      const { status, retryAfter } = answer;
      const target = kind === 'decision' ? url : (notificationUrl ?? '');
      return { ...took(), status, problem: answerProblem(target, answer), retryAfter };
    } catch (error) {
      return {
        ...took(),
        status: null,
        problem: `No answer: ${error instanceof Error ? (error.name === 'TimeoutError' ? 'it took too long' : error.message) : 'unknown reason'}.`,
      };
    }
  }

  function wake(): void {
    if (stopping.signal.aborted) return;
    again = true;
    sending ??= outside(() => within(longestRoundMs, 'a round of the deliveries', sendDue()))
      .catch((error: unknown) => log.error({ err: error }, 'outbox could not be read'))
      .finally(() => {
        sending = undefined;
        if (again) wake();
      });
  }

  const timer = setInterval(wake, pollEveryMs);
  wake();
  return {
    wake,
    send,
    decided(approvalId) {
      if (scopes.size >= mostScopes) scopes.delete(scopes.keys().next().value as string);
      scopes.set(approvalId, requestScope());
    },
    async stop() {
      clearInterval(timer);
      stopping.abort(new Error('the server stopped'));
      await sending;
      await Promise.allSettled(inFlight.values());
    },
  };
}
