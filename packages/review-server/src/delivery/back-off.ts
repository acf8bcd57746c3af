import { retryAfterMs } from '@holdpoint/json/retry-after';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long a delivery is retried, in milliseconds. */
const deliveryWindowMs = 72 * hour;

const pausesMs = [
  second,
  5 * second,
  15 * second,
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
];

/** A failed attempt. */
export type FailedAttempt = {
  now: Date;
  firstAt: Date;
  /** 1 for the first attempt, and for the first after a manual resend. */
  attempts: number;
  /** The receiver's header, in seconds or as a date. */
  retryAfter?: string | undefined;
  /** Random number from 0 to 1 that spreads the load of receivers. */
  spread: number;
};

/** Time of the next attempt: growing pauses up to four hours, longer if the receiver asks. Undefined after 72 hours. */
export function nextAttemptAt({ now, firstAt, attempts, retryAfter, spread }: FailedAttempt): Date | undefined {
  const last = firstAt.getTime() + deliveryWindowMs;
  if (now.getTime() >= last) return undefined;
  const pause = (pausesMs[attempts - 1] ?? pausesMs.at(-1)!) * (0.8 + 0.4 * spread);
  const wanted = now.getTime() + Math.max(pause, retryAfterMs(retryAfter, now.getTime()) ?? 0);
  // The last attempt is at the end of the window, so a long Retry-After never skips it.
  return new Date(Math.min(wanted, last));
}
