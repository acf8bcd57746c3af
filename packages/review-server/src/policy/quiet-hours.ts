import { DateTime } from 'luxon';
import type { Times } from '../contract/times.ts';

/** The instant, or the end of the quiet hours that it lies in. */
export function afterQuietHours(instant: Date, quiet: Times['quietHours']): Date {
  if (quiet === null) return instant;
  let local: DateTime = DateTime.fromJSDate(instant, { zone: quiet.zone });
  // A quiet night may end on a quiet weekend, and the other way round.
  for (let moves = 0; moves < 4; moves += 1) {
    const end = quietUntil(local, quiet);
    if (end === undefined) break;
    local = end;
  }
  return local.toJSDate();
}

function quietUntil(
  local: DateTime,
  { from, until, weekends }: NonNullable<Times['quietHours']>,
): DateTime | undefined {
  if (weekends && local.weekday >= 6) return local.plus({ days: 8 - local.weekday }).startOf('day');
  const [begin, end] = [minuteOf(from), minuteOf(until)];
  const now = local.hour * 60 + local.minute;
  const isQuiet = begin < end ? now >= begin && now < end : now >= begin || now < end;
  if (!isQuiet) return undefined;
  const day = begin > end && now >= begin ? local.plus({ days: 1 }) : local;
  const at = day.set({ hour: Math.floor(end / 60), minute: end % 60, second: 0, millisecond: 0 });
  // In the hour that the clocks skip or repeat, the end may lie before.
  return at > local ? at : local.plus({ minutes: 1 }).startOf('minute');
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}
