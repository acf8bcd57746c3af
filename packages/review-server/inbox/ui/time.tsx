import { useSyncExternalStore } from 'react';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// One clock for the page: every shown time moves on together.
const listeners = new Set<() => void>();
let now = Date.now();
setInterval(() => {
  now = Date.now();
  for (const listener of listeners) listener();
}, SECOND);

/** The present time, in steps of so many milliseconds. */
function useNow(step: number): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => now - (now % step),
  );
}

const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** A moment with its date, in the reader's time zone. */
export function exactTime(iso: string): string {
  return exactFormat.format(new Date(iso));
}

/** How long ago, such as "5 min. ago"; the exact moment in the tooltip. */
export function TimeAgo({ at }: { at: string }) {
  const ago = Math.max(0, useNow(10 * SECOND) - Date.parse(at));
  const text = ago < MINUTE ? 'just now' : relativeFormat.format(...inUnits(-ago));
  return (
    <time dateTime={at} title={exactTime(at)}>
      {text}
    </time>
  );
}

function inUnits(span: number): [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(span);
  if (size < HOUR) return [Math.trunc(span / MINUTE), 'minute'];
  if (size < DAY) return [Math.trunc(span / HOUR), 'hour'];
  return [Math.trunc(span / DAY), 'day'];
}

/** Time that is left, to the second when it runs out: "2 d 4 h", "3 h 12 min", "12 min", "45 s". */
function spanText(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span >= DAY) return joined(span, DAY, 'd', HOUR, 'h');
  if (span >= HOUR) return joined(span, HOUR, 'h', MINUTE, 'min');
  if (span >= 2 * MINUTE) return `${Math.floor(span / MINUTE)} min`;
  return `${Math.ceil(span / SECOND)} s`;
}

function joined(span: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((span % big) / small);
  return `${Math.floor(span / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** How much time is left until the request closes; more urgent by colour and by words under an hour. */
export function TimeLeft({ expiresAt }: { expiresAt: string }) {
  const left = Date.parse(expiresAt) - useNow(SECOND);
  const urgency = left < 15 * MINUTE ? 'now' : left < HOUR ? 'soon' : 'later';
  return (
    <time dateTime={expiresAt} title={`Closes ${exactTime(expiresAt)}`} className="time-left" data-urgency={urgency}>
      {left <= 0 ? 'time is over' : `${spanText(left)} left`}
    </time>
  );
}
