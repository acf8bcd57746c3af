import { type Pause, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { heldByPause } from '../../src/activities/kill-switch.ts';

const pause: Pause = { by: 'rita', at: '2026-11-29T10:00:00.000Z', reason: 'odd refunds' };

function held(paused: () => Promise<Pause | null>, showsPause = false): ReturnType<typeof heldByPause> {
  const review = () => ({ paused }) as unknown as ReviewService;
  const requester = { name: 'comms', connectionKey: null, tools: [] };
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() =>
    heldByPause({ review }, requester, showsPause),
  );
}

describe('heldByPause', () => {
  it('not paused → the tool may start', async () => {
    expect(await held(async () => null)).toBeUndefined();
  });

  it('paused → shown by the Workflow first', async () => {
    expect(await held(async () => pause, true)).toEqual({ type: 'paused', pause });
  });

  it('paused and shown → AssistantPaused, which names person and reason', async () => {
    await expect(held(async () => pause)).rejects.toMatchObject({
      type: 'AssistantPaused',
      message: expect.stringMatching(/paused by rita at .* \(odd refunds\)/) as string,
    });
  });

  it('review server away → the tool does not start', async () => {
    const away = new ReviewFailure('unavailable', 'away', { sent: false });
    await expect(held(() => Promise.reject(away))).rejects.toBe(away);
  });
});
