import { within } from '@holdpoint/process';
import type { Logger } from 'pino';
import { recordAttempt, takeDueDeliveries, type Attempt, type DueDelivery } from '../store/outbox.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { answerProblem } from './answer-problem.ts';
import { nextAttemptAt } from './back-off.ts';
import { postCallback, type CallbackSender } from './post-callback.ts';

/** Sends decisions to callback addresses and notifications to people, until received or for 72 hours. */
export type DeliveryLoop = {
  /** Sends due deliveries now. Call it after each commit. */
  wake(): void;
  /** Stops. Unfinished deliveries are sent again by a later process. */
  stop(): Promise<void>;
};

const mostAtOnce = 32;
const pollEveryMs = 1000;
/** A connection, a statement and their limits take less. */
const longestRoundMs = 60_000;

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

  async function sendDue(): Promise<void> {
    do {
      again = false;
      const free = mostAtOnce - inFlight.size;
      const due = free > 0 ? await takeDueDeliveries(store, { kinds, most: free, except: [...inFlight.keys()] }) : [];
      for (const delivery of due) {
        const attempt = deliver(delivery)
          .catch((error: unknown) =>
            log.error({ deliveryId: delivery.id, err: error }, 'delivery could not be recorded'),
          )
          .finally(() => {
            inFlight.delete(delivery.id);
            if (free === due.length) wake();
          });
        inFlight.set(delivery.id, attempt);
      }
    } while (again && !stopping.signal.aborted);
  }

  async function deliver(delivery: DueDelivery): Promise<void> {
    const { id, kind, approval_id: approvalId, attempts, attempts_before_resend: before } = delivery;
    const { retryAfter, ...attempt } = await post(delivery);
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
    sender.onAttempt?.({ kind, result, ms: attempt.tookMs });
    if (problem === null) log.info({ approvalId, deliveryId: id, attempts }, `${kind} delivered`);
    else
      log.warn(
        { approvalId, deliveryId: id, attempts, problem, nextAttemptAt: next?.toISOString() ?? null },
        `${kind} not delivered`,
      );
  }

  async function post({ id, kind, url, body }: DueDelivery): Promise<Attempt & { retryAfter?: string | undefined }> {
    const at = store.clock();
    const began = performance.now();
    const took = () => ({ at, tookMs: Math.round(performance.now() - began) });
    try {
      const answer =
        kind === 'decision'
          ? await postCallback({ id, url, body, at }, sender, stopping.signal)
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
    sending ??= within(longestRoundMs, 'a round of the deliveries', sendDue())
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
    async stop() {
      clearInterval(timer);
      stopping.abort(new Error('the server stopped'));
      await sending;
      await Promise.allSettled(inFlight.values());
    },
  };
}
