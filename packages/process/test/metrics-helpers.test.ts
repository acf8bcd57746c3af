import { describe, expect, it } from 'vitest';
import { atMostEvery, boundedLabel } from '../src/index.ts';

describe('atMostEvery', () => {
  it('calls within the time → one read, also if it fails; a later call or a clock set back → another', async () => {
    let now = 1000;
    let reads = 0;
    const read = atMostEvery(
      100,
      async () => {
        reads += 1;
        if (reads === 2) throw new Error('away');
        return reads;
      },
      () => now,
    );
    expect(await Promise.all([read(), read()])).toEqual([1, 1]);
    now += 100;
    await expect(read()).rejects.toThrow('away');
    await expect(read()).rejects.toThrow('away');
    now += 100;
    expect(await read()).toBe(3);
    now -= 150;
    expect(await read()).toBe(4);
  });
});

describe('boundedLabel', () => {
  it('names beyond the limit → other, and the first ones keep theirs', () => {
    const label = boundedLabel(2);
    expect(['one', 'two', 'three', 'one'].map(label)).toEqual(['one', 'two', 'other', 'one']);
  });
});
