import { create } from 'zustand';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// One clock for the page: all times update together.
const useClock = create(() => ({ now: Date.now() }));
setInterval(() => useClock.setState({ now: Date.now() }), second);

/** The current time, rounded down to `step` milliseconds. */
function useNow(step: number): number {
  return useClock(({ now }) => now - (now % step));
}

const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** Date and time in the reader's time zone. */
export function exactTime(iso: string): string {
  return exactFormat.format(new Date(iso));
}

const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const momentFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** The time of day in the reader's time zone, with its date unless that is today. */
export function ClockTime({ at }: { at: string }) {
  const isToday = new Date(at).toDateString() === new Date(useNow(minute)).toDateString();
  return (
    <time dateTime={at} title={exactTime(at)}>
      {(isToday ? clockFormat : momentFormat).format(new Date(at))}
    </time>
  );
}

/** Marks a request that is due within the hour or was due. Otherwise empty. */
export function DueMark({ dueAt }: { dueAt: string }) {
  const left = Date.parse(dueAt) - useNow(second);
  if (left >= hour) return null;
  return (
    <time
      dateTime={dueAt}
      title={`Due ${exactTime(dueAt)}`}
      className="due-mark"
      data-urgency={left <= 0 ? 'now' : 'soon'}
    >
      {left <= 0 ? 'Overdue' : `Due in ${spanText(left)}`}
    </time>
  );
}

/** Relative time such as "5 min. ago". The tooltip has the exact time. */
export function TimeAgo({ at }: { at: string }) {
  const ago = Math.max(0, useNow(10 * second) - Date.parse(at));
  const text = ago < minute ? 'just now' : relativeFormat.format(...inUnits(-ago));
  return (
    <time dateTime={at} title={exactTime(at)}>
      {text}
    </time>
  );
}

function inUnits(span: number): [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(span);
  if (size < hour) return [Math.trunc(span / minute), 'minute'];
  if (size < day) return [Math.trunc(span / hour), 'hour'];
  return [Math.trunc(span / day), 'day'];
}

/** A span in one or two units: "2 d 4 h", "3 h 12 min", "12 min", "45 s". */
function spanText(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span >= day) return joined(span, day, 'd', hour, 'h');
  if (span >= hour) return joined(span, hour, 'h', minute, 'min');
  if (span >= 2 * minute) return `${Math.floor(span / minute)} min`;
  return `${Math.ceil(span / second)} s`;
}

function joined(span: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((span % big) / small);
  return `${Math.floor(span / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** The time until the request expires. The colour changes under an hour and under 15 minutes. */
export function TimeLeft({ expiresAt }: { expiresAt: string }) {
  const left = Date.parse(expiresAt) - useNow(second);
  const urgency = left < 15 * minute ? 'now' : left < hour ? 'soon' : 'later';
  return (
    <time dateTime={expiresAt} title={`Expires ${exactTime(expiresAt)}`} className="time-left" data-urgency={urgency}>
      {left <= 0 ? 'Expired' : `${spanText(left)} left`}
    </time>
  );
}

/** The time since the last use. Null: never used. */
export function LastTime({ at }: { at: string | null }) {
  return at === null ? <span className="quiet-text">Never</span> : <TimeAgo at={at} />;
}
