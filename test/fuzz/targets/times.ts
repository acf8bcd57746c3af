import fc from 'fast-check';
import { nameDeputySchema, timesSchema } from '../../../packages/review-server/src/contract/times.ts';
import { afterQuietHours } from '../../../packages/review-server/src/policy/quiet-hours.ts';
import { mutated, spoiled, text } from '../arbitraries.ts';
import { must, target } from '../target.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu'];
const clockTime = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const quietHours = fc
  .record({ from: clockTime, until: clockTime, zone: fc.constantFrom(...zones), weekends: fc.boolean() })
  .filter(({ from, until }) => from !== until);
const instant = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2035-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const minutes = fc.oneof(fc.integer({ min: -1, max: 600_000 }), fc.constant(null), fc.double());
const times = mutated(
  fc.record({
    dueAfter: fc.record({ critical: minutes, high: minutes, medium: minutes, low: minutes }, { requiredKeys: [] }),
    remindAfter: fc.array(minutes, { maxLength: 6 }),
    escalateTo: fc.array(fc.oneof(fc.constantFrom('admins', 'legal'), text), { maxLength: 6 }),
    quietHours: fc.oneof(
      fc.constant(null),
      quietHours,
      fc.record({ from: spoiled(clockTime), until: spoiled(clockTime), zone: text, weekends: fc.boolean() }),
    ),
  }),
);
const when = fc.oneof(
  instant.map((date) => date.toISOString()),
  spoiled(fc.constantFrom('2026-12-01T08:00:00Z', '2026-12-01T08:00:00+01:00')),
);
const deputy = mutated(
  fc.record({ person: text, deputy: text, from: when, until: when }, { requiredKeys: ['deputy'] }),
);

export const timesTargets = [
  target('times: body', 10, () => ({
    input: times,
    run: (given) => {
      const { success, data } = timesSchema.safeParse(given);
      if (!success) return;
      must(
        JSON.stringify(timesSchema.parse(JSON.parse(JSON.stringify(data)))) === JSON.stringify(data),
        'The stored times are read otherwise.',
      );
    },
  })),
  target('deputies: body', 10, () => ({
    input: deputy,
    run: (given) => {
      const { success, data } = nameDeputySchema.safeParse(given);
      if (!success) return;
      must(new Date(data.until).getTime() > new Date(data.from).getTime(), 'A deputy ends before the beginning.');
    },
  })),
  target('quiet hours', 10, () => ({
    input: fc.record({ quietHours, instant }),
    run: ({ quietHours: quiet, instant: at }) => {
      const after = afterQuietHours(at, quiet);
      must(after.getTime() >= at.getTime(), 'The time went back.');
      must(after.getTime() - at.getTime() <= 5 * 86_400_000, 'The quiet hours last too long.');
      must(afterQuietHours(after, quiet).getTime() === after.getTime(), 'Their end is quiet too.');
    },
  })),
];
