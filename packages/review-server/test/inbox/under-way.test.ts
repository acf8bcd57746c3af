import { expect, it } from 'vitest';
import { isUnderWay } from '../../inbox/admin/under-way.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const due = (seconds: number) => ({
  state: 'due' as const,
  nextAttemptAt: new Date(NOW + seconds * 1000).toISOString(),
});
const delivered = { state: 'delivered' as const, nextAttemptAt: null };

it.each([
  ['that is due now', [due(0)], true],
  ['that is due in a few seconds', [due(4)], true],
  ['that is being tried for some seconds', [due(-29)], true],
  ['that is due in a while', [due(6)], false],
  ['that nobody has tried for long', [due(-31)], false],
  ['that was received', [delivered], false],
  ['that was given up, whenever it was due', [{ ...due(0), state: 'given-up' as const }], false],
  ['with no time for the next attempt', [{ state: 'due' as const, nextAttemptAt: null }], false],
  ['among others that rest', [delivered, due(3600), due(1)], true],
  ['of which there is none', [], false],
])('a delivery %s is under way or not', (_which, deliveries, expected) => {
  expect(isUnderWay(deliveries, NOW)).toBe(expected);
});
