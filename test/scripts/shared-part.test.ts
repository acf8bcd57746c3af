import { expect, it } from 'vitest';
import { sharedPart } from '../support/shared-part.ts';

it('shared part → started once, also for callers side by side', async () => {
  let starts = 0;
  const part = sharedPart(
    async () => (starts += 1),
    () => true,
  );
  expect(await Promise.all([part(), part(), part()])).toEqual([1, 1, 1]);
  expect(await part()).toBe(1);
});

it('shared part that did not start → its callers fail, the next one starts it again', async () => {
  let starts = 0;
  const part = sharedPart(
    async () => {
      starts += 1;
      if (starts === 1) throw new Error('no time');
      return starts;
    },
    () => true,
  );
  const callers = await Promise.allSettled([part(), part()]);
  expect(callers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await part()).toBe(2);
});

it('shared part that is gone → one new part for all later callers', async () => {
  const parts: Array<{ isGone: boolean }> = [];
  const part = sharedPart(
    async () => {
      const made = { isGone: false };
      parts.push(made);
      return made;
    },
    ({ isGone }) => !isGone,
  );
  (await part()).isGone = true;
  const [one, other] = await Promise.all([part(), part()]);
  expect(one).toBe(other);
  expect(one).toBe(parts[1]);
  expect(parts).toHaveLength(2);
});
