import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { isDue as isDueBetween } from '../../src/domain/reconcile.ts';

const minute = 60_000;
const hour = 60 * minute;
const isDue = (since: number, now: number, waitingSince: number): boolean => isDueBetween(waitingSince, since, now);

describe('isDue: waiting approval', () => {
  it.each([2, 5, 15, 60])('%i minutes old → due once', (age) => {
    const began = 1_800_000_000_000;
    const looks = Array.from({ length: 120 }, (_, tick) => began + tick * minute + 1);
    const due = looks.filter((now) => isDue(now - minute, now, began)).map((now) => Math.floor((now - began) / minute));
    expect(due).toContain(age);
    expect(due.filter((each) => each === age)).toHaveLength(1);
  });

  it('older than an hour → due at least every six hours, also after missed rounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e12 }),
        fc.array(fc.integer({ min: minute, max: 10 * hour }), { minLength: 1, maxLength: 40 }),
        (began, gaps) => {
          let since = began;
          let lastLook = began + 2 * hour;
          for (const gap of gaps) {
            const now = since + gap;
            if (isDue(since, now, began)) lastLook = now;
            expect(now - Math.max(lastLook, began + hour)).toBeLessThan(6 * hour + gap);
            since = now;
          }
        },
      ),
    );
  });

  it('began after the round → not due', () => {
    expect(isDue(1_000, 2_000, 3_000)).toBe(false);
  });
});
