import type { Logger } from 'pino';
import { recordAttempt, takeDueDeliveries, type Attempt, type DueDelivery } from '../store/outbox.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { nextAttemptAt } from './back-off.ts';
import { postCallback, type CallbackSender } from './post-callback.ts';

/** Sends decisions to callback addresses until each is received or 72 hours are over. */
export interface DeliveryLoop {
  /** Looks for due deliveries now; call it after each commit. */
  wake(): void;
  /** Stops, and leaves what is in the middle to be sent again. */
  stop(): Promise<void>;
}

const MOST_AT_ONCE = 32;
const LOOK_EVERY_MS = 1000;

/** Starts at once with what an earlier process left. */
export function startDeliveryLoop(store: ReviewStore, sender: CallbackSender, log: Logger): DeliveryLoop {
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();
  let looking: Promise<void> | undefined;
  let again = false;

  async function look(): Promise<void> {
    do {
      again = false;
      const free = MOST_AT_ONCE - inFlight.size;
      const due = free > 0 ? await takeDueDeliveries(store, free) : [];
      for (const delivery of due) {
        const attempt = deliver(delivery).catch((error: unknown) => log.error({ deliveryId: delivery.id, err: error }, 'delivery could not be recorded')).finally(() => {
          inFlight.delete(attempt);
          if (free === due.length) wake();
        });
        inFlight.add(attempt);
      }
    } while (again && !stopping.signal.aborted);
  }

  async function deliver(delivery: DueDelivery): Promise<void> {
    const { id, approval_id: approvalId, attempts } = delivery;
    const { retryAfter, ...attempt } = await post(delivery);
    const { problem } = attempt;
    const now = store.clock();
    const next = stopping.signal.aborted ? now : nextAttemptAt({ now, firstAt: new Date(delivery.tried_since), attempts, retryAfter, spread: Math.random() });
    await recordAttempt(store, delivery, attempt, next);
    if (problem === null) log.info({ approvalId, deliveryId: id, attempts }, 'decision delivered');
    else log.warn({ approvalId, deliveryId: id, attempts, problem, nextAttemptAt: next?.toISOString() ?? null }, 'decision not delivered');
  }

  async function post({ id, url, body }: DueDelivery): Promise<Attempt & { retryAfter?: string | undefined }> {
    const at = store.clock();
    const began = performance.now();
    const took = () => ({ at, tookMs: Math.round(performance.now() - began) });
    try {
      const { status, retryAfter } = await postCallback({ id, url, body, at }, sender, stopping.signal);
      return { ...took(), status, problem: status >= 200 && status < 300 ? null : `The receiver answered ${status}.`, retryAfter };
    } catch (error) {
      return { ...took(), status: null, problem: `No answer: ${error instanceof Error ? (error.name === 'TimeoutError' ? 'it took too long' : error.message) : 'unknown reason'}.` };
    }
  }

  function wake(): void {
    if (stopping.signal.aborted) return;
    again = true;
    looking ??= look().catch((error: unknown) => log.error({ err: error }, 'outbox could not be read')).finally(() => {
      looking = undefined;
      if (again) wake();
    });
  }

  const timer = setInterval(wake, LOOK_EVERY_MS);
  wake();
  return {
    wake,
    async stop() {
      clearInterval(timer);
      stopping.abort(new Error('the server stopped'));
      await looking;
      await Promise.allSettled(inFlight);
    },
  };
}
