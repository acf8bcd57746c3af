import { expect, it } from 'vitest';
import { createStreamSlots } from '../src/stream-slots.ts';

it('stream slots: full for an owner, full in all, free after a release', () => {
  const slots = createStreamSlots({ perOwner: 2, total: 3 });
  const [first, second] = [slots.take('ana'), slots.take('ana')];
  expect(slots.take('ana')).toBe('owner-full');
  const third = slots.take('ben');
  expect(slots.take('ben')).toBe('full');
  if (typeof first === 'string' || typeof second === 'string' || typeof third === 'string') throw new Error('refused');
  third.release();
  third.release();
  expect(slots.take('cy')).toMatchObject({});
  expect(slots.take('cy')).toBe('full');
  first.release();
  expect(slots.take('ana')).toMatchObject({});
});
