import { expect, it } from 'vitest';
import { isUnderWay } from '../../inbox/admin/under-way.ts';

const now = Date.parse('2026-03-01T12:00:00.000Z');
const due = (seconds: number) => ({
  state: 'due' as const,
  nextAttemptAt: new Date(now + seconds * 1000).toISOString(),
});
const delivered = { state: 'delivered' as const, nextAttemptAt: null };

it.each([
  ['due now', [due(0)], true],
  ['due in a few seconds', [due(4)], true],
  ['overdue by 29 s', [due(-29)], true],
  ['due in 6 s', [due(6)], false],
  ['overdue by 31 s', [due(-31)], false],
  ['delivered', [delivered], false],
  ['given up', [{ ...due(0), state: 'given-up' as const }], false],
  ['without a next attempt', [{ state: 'due' as const, nextAttemptAt: null }], false],
  ['one of several is due', [delivered, due(3600), due(1)], true],
  ['no deliveries', [], false],
])('isUnderWay: $0 → $2', (_which, deliveries, expected) => {
  expect(isUnderWay(deliveries, now)).toBe(expected);
});
