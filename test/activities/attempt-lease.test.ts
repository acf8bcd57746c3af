import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AttemptLease, withHeartbeats } from '../../src/activities/attempt-lease.ts';

/** Runs `act` under a lease. The clock alone is faked, as in a process that was frozen. */
async function underLease(
  info: { heartbeatTimeoutMs?: number; startToCloseTimeoutMs?: number },
  act: (lease: AttemptLease) => void,
  environment = new MockActivityEnvironment(info),
): Promise<void> {
  await environment.run(() => withHeartbeats(async (lease) => act(lease)));
}

const freeze = (milliseconds: number): void => void vi.setSystemTime(Date.now() + milliseconds);

describe('AttemptLease', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    { heartbeatTimeoutMs: 3_000, frozenMs: 2_900, lost: false },
    { heartbeatTimeoutMs: 3_000, frozenMs: 3_100, lost: true },
    { heartbeatTimeoutMs: 10_000, frozenMs: 3_100, lost: false },
    { heartbeatTimeoutMs: 10_000, frozenMs: 10_100, lost: true },
    { heartbeatTimeoutMs: 60_000, frozenMs: 10_100, lost: false },
  ])(
    'heartbeat timeout $heartbeatTimeoutMs ms, frozen for $frozenMs ms → lost: $lost',
    async ({ heartbeatTimeoutMs, frozenMs, lost }) => {
      await underLease({ heartbeatTimeoutMs }, (lease) => {
        freeze(frozenMs);
        expect(lease.lost).toBe(lost);
        let thrown: unknown;
        try {
          lease.throwIfLost();
        } catch (error) {
          thrown = error;
        }
        expect((thrown as { type?: string } | undefined)?.type).toBe(lost ? 'AttemptTooOld' : undefined);
      });
    },
  );

  it('no heartbeat timeout → the start-to-close timeout is the window', async () => {
    await underLease({ startToCloseTimeoutMs: 5_000 }, (lease) => {
      freeze(4_900);
      expect(lease.lost).toBe(false);
      freeze(200);
      expect(lease.lost).toBe(true);
    });
  });

  it('a heartbeat after the window → stays lost', async () => {
    await underLease({ heartbeatTimeoutMs: 3_000 }, (lease) => {
      freeze(2_000);
      lease.renew();
      freeze(2_000);
      expect(lease.lost).toBe(false);
      freeze(2_000);
      lease.renew();
      expect(lease.lost).toBe(true);
    });
  });

  it.each([
    { heartbeatTimeoutMs: 5_000, everyMs: 2_000 },
    { heartbeatTimeoutMs: 60_000, everyMs: 2_000 },
    { heartbeatTimeoutMs: 2_500, everyMs: 1_000 },
  ])('window of $heartbeatTimeoutMs ms → a heartbeat each $everyMs ms', async ({ heartbeatTimeoutMs, everyMs }) => {
    vi.useFakeTimers();
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs });
    const beats: number[] = [];
    const began = Date.now();
    environment.on('heartbeat', () => void beats.push(Date.now() - began));
    await environment.run(() => withHeartbeats(async () => void (await vi.advanceTimersByTimeAsync(2 * everyMs))));
    expect(beats).toEqual([everyMs, 2 * everyMs]);
  });

  it('cancelled Activity → throwIfLost throws CancelledFailure', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 3_000 });
    await underLease(
      { heartbeatTimeoutMs: 3_000 },
      (lease) => {
        environment.cancel();
        expect(() => lease.throwIfLost()).toThrow(CancelledFailure);
      },
      environment,
    );
  });
});
