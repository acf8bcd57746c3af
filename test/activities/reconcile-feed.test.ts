import { describe, expect, it } from 'vitest';
import { hour, minute, start, WaitingWorld } from './waiting-world.ts';

describe('reconcile: decision feed', () => {
  it('100,000 waiting runs → one request a minute, and no read of a request', async () => {
    const world = WaitingWorld.of(100_000, (index) => hour + index * 800);
    await world.round();
    const first = { ...world.requests };
    for (let round = 0; round < 30; round += 1) {
      if (round % 3 === 0) world.decide(round * 1000);
      await world.round();
    }
    expect(first).toEqual({ reads: 0, feed: 1 });
    expect(world.requests).toEqual({ reads: 0, feed: 31 });
    expect(world.clock).toBe(31 * minute);
    expect(world.told).toEqual(
      [0, 3, 6, 9, 12, 15, 18, 21, 24, 27].map((round) => `run_${String(round * 1000).padStart(6, '0')}`),
    );
    // One query for each page with decisions, repeated for the lag of visibility.
    expect(world.queries).toEqual({ oldest: 1, waitingFor: expect.toSatisfy((count: number) => count <= 31) });
  });

  it('decided, callback lost → signalled in the next round, once', async () => {
    const world = WaitingWorld.of(3, () => hour);
    await world.round();
    world.decide(1);
    expect(await world.round()).toMatchObject({ told: 1, looked: 0 });
    for (let round = 0; round < 5; round += 1) expect(await world.round()).toMatchObject({ told: 0 });
    expect(world.told).toEqual(['run_000001']);
  });

  it('run becomes visible a minute after its decision → signalled', async () => {
    const world = WaitingWorld.of(3, () => hour);
    for (let round = 0; round < 4; round += 1) await world.round();
    world.decide(2);
    world.invisible.add('req_000002');
    await world.round();
    await world.round();
    world.invisible.clear();
    await world.round();
    expect(world.told).toEqual(['run_000002']);
  });

  it('still waits after its Signal → no second Signal while its decision is read again', async () => {
    const world = WaitingWorld.of(1, () => hour);
    let signals = 0;
    world.onSignal = () => void (signals += 1);
    world.decide(0);
    for (let round = 0; round < 12; round += 1) await world.round();
    expect(signals).toBe(1);
  });

  it('first round of an existing deployment → begins before the oldest waiting request', async () => {
    const world = WaitingWorld.of(5, (index) => index * 24 * hour);
    for (const index of [4, 0, 2]) world.decide(index);
    expect(await world.round({ since: start - minute })).toMatchObject({ told: 3, looked: 0 });
  });

  it('50,000 decisions while no worker ran → read over several rounds, all runs signalled', async () => {
    const world = WaitingWorld.of(50_000, () => hour);
    await world.round();
    for (let index = 0; index < 50_000; index += 1) world.decide(index);
    const rounds = [await world.round(), await world.round(), await world.round()];
    expect(rounds.map(({ unfinished }) => unfinished)).toEqual([true, true, undefined]);
    expect(new Set(world.told).size).toBe(50_000);
  });

  it('killed between two Signals → the next attempt signals the rest', async () => {
    const world = WaitingWorld.of(4, () => hour);
    const input = { since: start, everything: false };
    for (const index of [0, 1, 2]) world.decide(index);
    world.onSignal = () => {
      world.onSignal = () => {
        world.onSignal = undefined;
        throw new Error('killed here');
      };
    };
    await expect(world.activity(input)).rejects.toThrow('killed here');
    await world.activity(input);
    expect(new Set(world.told)).toEqual(new Set(['run_000000', 'run_000001', 'run_000002']));
  });

  it('service away for an hour → continues where it was, without reading requests', async () => {
    const world = WaitingWorld.of(1000, () => hour);
    await world.round();
    world.isAway = true;
    for (let round = 0; round < 60; round += 1) await world.round();
    for (const index of [7, 8]) world.decide(index);
    world.isAway = false;
    await world.round();
    expect(world.told).toEqual(['run_000007', 'run_000008']);
    expect(world.requests.reads).toBe(0);
  });

  it('cursor unknown after a restore → feed from the oldest request, and every waiting request is read once', async () => {
    const world = WaitingWorld.of(1000, () => 2 * hour);
    for (let round = 0; round < 6; round += 1) await world.round();
    world.epoch = 2;
    world.decide(5);
    expect((await world.round()).told).toBe(1);
    for (let round = 0; round < 10; round += 1) await world.round();
    expect(world.requests.reads).toBeGreaterThanOrEqual(999);
    expect(world.requests.reads).toBeLessThanOrEqual(1000);
    expect(world.readAt.size).toBeGreaterThanOrEqual(999);
  });
});

describe('reconcile: service without a feed', () => {
  it('100,000 waiting runs → each read within 6.2 hours, each round within a minute, five requests a second', async () => {
    const world = WaitingWorld.of(100_000, (index) => 2 * hour + index);
    world.hasFeed = false;
    world.decide(99_999);
    world.decide(0);
    while (world.readAt.size < 100_000 && world.clock < 6.2 * hour) await world.round();
    expect(world.longestRoundMs).toBeLessThanOrEqual(minute);
    expect(world.requests.reads / (world.clock / 1000)).toBeLessThanOrEqual(5);
    expect(world.told.toSorted()).toEqual(['run_000000', 'run_099999']);
    expect(world.requests.reads).toBe(100_000);
  }, 60_000);

  it('walk over → the next one six hours after its beginning', async () => {
    const world = WaitingWorld.of(3, () => 2 * hour);
    world.hasFeed = false;
    while (world.clock < 13 * hour) await world.round();
    expect(world.requests.reads).toBe(9);
  });

  it('new requests beside many old ones → checked at 2, 5, 15 and 60 minutes', async () => {
    const old = Array.from({ length: 5_000 }, (_, index) => start - 2 * hour - index);
    const world = new WaitingWorld([...old, start]);
    world.hasFeed = false;
    const looks: number[] = [];
    while (world.clock < 65 * minute) {
      const before = world.readAt.get(5_000);
      await world.round();
      const at = world.readAt.get(5_000);
      if (at !== before) looks.push(Math.floor((at! - start) / minute));
    }
    expect(looks).toHaveLength(4);
    [2, 5, 15, 60].forEach((age, index) => {
      expect(looks[index]).toBeGreaterThanOrEqual(age);
      expect(looks[index]).toBeLessThanOrEqual(age + 2);
    });
  });

  it('more new requests than a round can read → the next rounds read the rest', async () => {
    const world = WaitingWorld.of(1_000, (index) => 2 * minute - 1000 + index);
    world.hasFeed = false;
    for (let round = 0; round < 10; round += 1) await world.round();
    expect(world.readAt.size).toBe(1_000);
  });

  it('cannot call back → the oldest first, then from the beginning', async () => {
    const world = WaitingWorld.of(600, (index) => index);
    world.hasFeed = false;
    while (world.requests.reads < 1_200) await world.round({ everything: true });
    expect(world.readAt.size).toBe(600);
  });
});
