import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { afterPass, isDue as isDueBetween, walkAt, type FeedState } from '../../src/domain/reconcile.ts';

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

  it('began after the round → not due', () => {
    expect(isDue(1_000, 2_000, 3_000)).toBe(false);
  });
});

describe('walkAt', () => {
  const done = { startedAt: 0, after: null, done: true };

  it('not done → continues, however old', () => {
    const half = { startedAt: 0, after: { waitingSince: 7, workflowId: 'run' }, done: false };
    expect(walkAt(half, 48 * hour, false)).toBe(half);
  });

  it.each([
    ['done less than six hours after its beginning', done, 6 * hour - 1, false, 0],
    ['done, six hours after its beginning', done, 6 * hour, false, 6 * hour],
    ['done, and the service had failed', { ...done, again: true as const }, minute, false, minute],
    ['done, no callbacks', done, minute, true, minute],
    ['the first', undefined, minute, false, minute],
  ])('%s → startedAt', (_case, last, now, everything, startedAt) => {
    expect(walkAt(last, now, everything).startedAt).toBe(startedAt);
  });
});

describe('afterPass: decision feed', () => {
  it('any rounds → a decision is read again two minutes or more after it was read first', () => {
    const readAgainAfter = (gaps: number[]): number[] => {
      let now = 0;
      let state: FeedState = { from: { since: 'start' }, reached: null, at: 0, told: [] };
      const readAt = new Map<string, number>();
      return gaps.flatMap((gap, round) => {
        now += gap;
        const { from } = state;
        state = afterPass(state, `cursor ${round}`, now, []);
        readAt.set(`cursor ${round}`, now);
        // The decisions before the new start were read for the last time in this pass.
        return 'after' in state.from && state.from !== from ? [now - readAt.get(state.from.after)!] : [];
      });
    };
    const anyGaps = fc.array(fc.integer({ min: 1_000, max: 5 * minute }), { minLength: 2, maxLength: 60 });
    fc.assert(fc.property(anyGaps, (gaps) => readAgainAfter(gaps).every((time) => time >= 2 * minute)));
    expect(readAgainAfter([minute, minute, minute, minute, minute])).toEqual([2 * minute, 2 * minute]);
  });
});
