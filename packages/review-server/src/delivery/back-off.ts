import { retryAfterMs } from '@holdpoint/json/retry-after';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long a delivery is tried, in milliseconds. */
const DELIVERY_WINDOW_MS = 72 * HOUR;

const PAUSES_MS = [
  SECOND,
  5 * SECOND,
  15 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
];

/** A failed attempt. */
export interface FailedAttempt {
  now: Date;
  firstAt: Date;
  /** 1 for the first attempt, and for the first after a person had it sent again. */
  attempts: number;
  /** The receiver's header, in seconds or as a date. */
  retryAfter?: string | undefined;
  /** From 0 to 1; spreads receivers' load. */
  spread: number;
}

/** When to try again: growing pauses up to four hours, longer where the receiver asks; nothing when 72 hours are over. */
export function nextAttemptAt({ now, firstAt, attempts, retryAfter, spread }: FailedAttempt): Date | undefined {
  const last = firstAt.getTime() + DELIVERY_WINDOW_MS;
  if (now.getTime() >= last) return undefined;
  const pause = (PAUSES_MS[attempts - 1] ?? PAUSES_MS.at(-1)!) * (0.8 + 0.4 * spread);
  const wanted = now.getTime() + Math.max(pause, retryAfterMs(retryAfter, now.getTime()) ?? 0);
  // The last try is at the end of the window, so a receiver's long pause never costs the delivery.
  return new Date(Math.min(wanted, last));
}
