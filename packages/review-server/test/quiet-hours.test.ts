import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { afterQuietHours } from '../src/policy/quiet-hours.ts';

const berlin = { from: '18:00', until: '08:00', zone: 'Europe/Berlin', weekends: false };
const after = (instant: string, quiet: Parameters<typeof afterQuietHours>[1]) =>
  afterQuietHours(new Date(instant), quiet).toISOString();

describe('afterQuietHours', () => {
  it.each([
    ['no quiet hours', '2026-12-01T20:00:00.000Z', null, '2026-12-01T20:00:00.000Z'],
    ['in the working day', '2026-12-01T10:00:00.000Z', berlin, '2026-12-01T10:00:00.000Z'],
    ['in the evening', '2026-12-01T20:00:00.000Z', berlin, '2026-12-02T07:00:00.000Z'],
    ['after midnight', '2026-12-02T01:30:00.000Z', berlin, '2026-12-02T07:00:00.000Z'],
    ['at the beginning', '2026-12-01T17:00:00.000Z', berlin, '2026-12-02T07:00:00.000Z'],
    ['at the end', '2026-12-02T07:00:00.000Z', berlin, '2026-12-02T07:00:00.000Z'],
    [
      'quiet at noon',
      '2026-12-01T11:30:00.000Z',
      { ...berlin, from: '12:00', until: '13:00' },
      '2026-12-01T12:00:00.000Z',
    ],
    [
      'Friday evening, quiet weekend',
      '2026-12-04T20:00:00.000Z',
      { ...berlin, weekends: true },
      '2026-12-07T07:00:00.000Z',
    ],
    [
      'Sunday noon, quiet weekend',
      '2026-12-06T11:00:00.000Z',
      { ...berlin, weekends: true },
      '2026-12-07T07:00:00.000Z',
    ],
    ['night in which the clocks go forward', '2027-03-27T22:00:00.000Z', berlin, '2027-03-28T06:00:00.000Z'],
    ['night in which the clocks go back', '2026-10-24T22:00:00.000Z', berlin, '2026-10-25T07:00:00.000Z'],
    [
      'end in the hour that does not exist',
      '2027-03-27T22:00:00.000Z',
      { ...berlin, until: '02:30' },
      '2027-03-28T01:30:00.000Z',
    ],
  ] as const)('%s', (_what, instant, quiet, expected) => {
    expect(after(instant, quiet)).toBe(expected);
  });

  it('any instant and hours → never earlier, at most four days later, and not quiet', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const quiet = fc
      .record({
        from: time,
        until: time,
        zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'),
        weekends: fc.boolean(),
      })
      .filter(({ from, until }) => from !== until);
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, quiet, (at, hours) => {
        const moved = afterQuietHours(at, hours);
        expect(moved.getTime()).toBeGreaterThanOrEqual(at.getTime());
        expect(moved.getTime() - at.getTime()).toBeLessThanOrEqual(4 * 86_400_000);
        expect(afterQuietHours(moved, hours).getTime()).toBe(moved.getTime());
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
