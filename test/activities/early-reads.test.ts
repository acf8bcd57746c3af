import { ReviewFailure, type ReviewAnswer, type ReviewService } from '@holdpoint/cheqpoint';
import { requestScope } from '@holdpoint/process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EarlyReads } from '../../src/activities/early-reads.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const assistant = 'comms';
const config = defineConfig({
  assistants: [assistant, 'billing'].map((name) => defineAssistant({ name, model: 'none', tools: [] })),
});
const answering = (status: ReviewAnswer['status'], id: string) => ({ id, status }) as ReviewAnswer;
const unavailable = () => new ReviewFailure('unavailable', 'The review server is away.', { sent: false });

type Read = (id: string, assistant: string, signal: AbortSignal) => Promise<ReviewAnswer>;

/** Early reads at a review service that answers by `answer`. `reads`: the assistant and the id of each read. */
function world(answer: Read = async (id) => answering('approved', id)) {
  const reads: Array<[assistant: string, id: string]> = [];
  const early = new EarlyReads({
    config,
    review: ({ name }) =>
      ({
        read: async (id: string, signal: AbortSignal) => {
          reads.push([name, id]);
          return await answer(id, name, signal);
        },
      }) as Partial<ReviewService> as ReviewService,
  });
  return { early, reads };
}

/** Begins `count` reads with ids of their own and, if they are to be used, takes their answers. */
async function judge(early: EarlyReads, count: number, { take }: { take: boolean }): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `req_judged_${index}`);
  for (const requestId of ids) {
    early.begin({ assistant, requestId });
    if (take) await early.take({ assistant, requestId });
  }
  vi.advanceTimersByTime(2_000);
}

describe('early read', () => {
  it.each(['approved', 'rejected'] as const)('%s → its answer is given once, by one read', async (status) => {
    const { early, reads } = world(async (id) => answering(status, id));
    early.begin({ assistant, requestId: 'req_1' });
    expect(await early.take({ assistant, requestId: 'req_1' })).toEqual({ id: 'req_1', status });
    expect(await early.take({ assistant, requestId: 'req_1' })).toBeUndefined();
    expect(reads).toEqual([[assistant, 'req_1']]);
  });

  it.each(['pending', 'unknown'] as const)('%s → no answer', async (status) => {
    const { early } = world(async (id) => answering(status, id));
    early.begin({ assistant, requestId: 'req_1' });
    expect(await early.take({ assistant, requestId: 'req_1' })).toBeUndefined();
  });

  it('still under way → its answer is awaited', async () => {
    const asked = Promise.withResolvers<ReviewAnswer>();
    const { early } = world(() => asked.promise);
    early.begin({ assistant, requestId: 'req_1' });
    const taken = early.take({ assistant, requestId: 'req_1' });
    asked.resolve(answering('approved', 'req_1'));
    expect(await taken).toEqual({ id: 'req_1', status: 'approved' });
  });

  it('failed → no answer, and no unhandled rejection', async () => {
    const { early, reads } = world(() => Promise.reject(unavailable()));
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    early.begin({ assistant, requestId: 'req_unused' });
    early.begin({ assistant, requestId: 'req_1' });
    expect(await early.take({ assistant, requestId: 'req_1' })).toBeUndefined();
    // Node reports a rejection after the microtasks of its turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(reads).toHaveLength(2);
  });

  it('unknown assistant → begin does not throw, no answer', async () => {
    const { early, reads } = world();
    early.begin({ assistant: 'unknown', requestId: 'req_1' });
    expect(await early.take({ assistant: 'unknown', requestId: 'req_1' })).toBeUndefined();
    expect(reads).toEqual([]);
  });

  it('no Connection Key → begin does not throw, no answer', async () => {
    const early = new EarlyReads({
      config,
      review: () => {
        throw new ReviewFailure('access-denied', 'There is no Connection Key.', { sent: false });
      },
    });
    early.begin({ assistant, requestId: 'req_1' });
    expect(await early.take({ assistant, requestId: 'req_1' })).toBeUndefined();
  });

  it('same request begun twice → one read', async () => {
    const { early, reads } = world();
    early.begin({ assistant, requestId: 'req_1' });
    early.begin({ assistant, requestId: 'req_1' });
    expect(reads).toHaveLength(1);
  });

  it('same request id of two assistants → each gets its own answer', async () => {
    const { early } = world(async (id, name) => answering(name === 'billing' ? 'rejected' : 'approved', id));
    early.begin({ assistant, requestId: 'req_1' });
    early.begin({ assistant: 'billing', requestId: 'req_1' });
    expect(await early.take({ assistant: 'billing', requestId: 'req_1' })).toMatchObject({ status: 'rejected' });
    expect(await early.take({ assistant, requestId: 'req_1' })).toMatchObject({ status: 'approved' });
  });

  it('trace of the run → the scope of the read, without malformed parts', async () => {
    const scopes: unknown[] = [];
    const { early } = world(async (id) => (scopes.push(requestScope()), answering('approved', id)));
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    early.begin({ assistant, requestId: 'req_1', trace: { traceparent, requestId: 'ask-1' } });
    early.begin({ assistant, requestId: 'req_2', trace: { traceparent: 'none', requestId: 'two words' } });
    expect(scopes).toEqual([{ traceparent, requestId: 'ask-1' }, {}]);
  });
});

describe('limits of early reads', () => {
  it('100 under way → no further read until one is taken', async () => {
    const { early, reads } = world();
    for (let index = 0; index <= 100; index += 1) early.begin({ assistant, requestId: `req_${index}` });
    expect(reads).toHaveLength(100);
    expect(await early.take({ assistant, requestId: 'req_100' })).toBeUndefined();
    await early.take({ assistant, requestId: 'req_0' });
    early.begin({ assistant, requestId: 'req_100' });
    expect(reads).toHaveLength(101);
  });

  it('not taken for two seconds → forgotten, and read anew when begun again', async () => {
    const { early, reads } = world();
    early.begin({ assistant, requestId: 'req_1' });
    vi.advanceTimersByTime(1_999);
    early.begin({ assistant, requestId: 'req_2' });
    vi.advanceTimersByTime(1);
    expect(await early.take({ assistant, requestId: 'req_1' })).toBeUndefined();
    expect(await early.take({ assistant, requestId: 'req_2' })).toMatchObject({ status: 'approved' });
    early.begin({ assistant, requestId: 'req_1' });
    expect(reads).toHaveLength(3);
  });

  it('silent service → the read is given up after two seconds, and its Activity reads for itself', async () => {
    vi.useRealTimers();
    const { early } = world(
      (_id, _name, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(unavailable()));
        }),
    );
    early.begin({ assistant, requestId: 'req_1' });
    expect(await early.take({ assistant, requestId: 'req_1' })).toBeUndefined();
  });

  it('timer of an unused answer → does not keep the process alive', () => {
    const { early } = world();
    vi.useRealTimers();
    const begun = vi.spyOn(globalThis, 'setTimeout');
    early.begin({ assistant, requestId: 'req_1' });
    const timer = begun.mock.results[0]?.value as NodeJS.Timeout;
    begun.mockRestore();
    expect(timer.hasRef()).toBe(false);
    clearTimeout(timer);
  });
});

describe('rest of early reads', () => {
  /** A further read happens. */
  const reading = ({ early, reads }: ReturnType<typeof world>) => {
    const before = reads.length;
    early.begin({ assistant, requestId: `req_probe_${before}_${performance.now()}` });
    return reads.length > before;
  };

  it('10 of 20 used → goes on', async () => {
    const each = world();
    await judge(each.early, 10, { take: true });
    await judge(each.early, 10, { take: false });
    expect(reading(each)).toBe(true);
  });

  it('9 of 20 used → rests for a minute, then reads again', async () => {
    const each = world();
    await judge(each.early, 9, { take: true });
    await judge(each.early, 11, { take: false });
    expect(reading(each)).toBe(false);
    vi.advanceTimersByTime(59_999);
    expect(reading(each)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(reading(each)).toBe(true);
  });

  it('fewer than 20 unused → goes on', async () => {
    const each = world();
    await judge(each.early, 19, { take: false });
    expect(reading(each)).toBe(true);
  });

  it.each<[string, Read]>([
    ['open', async (id) => answering('pending', id)],
    ['failed', () => Promise.reject(unavailable())],
  ])('20 taken, all %s → rests, since each was read twice', async (_what, answer) => {
    const each = world(answer);
    await judge(each.early, 20, { take: true });
    expect(reading(each)).toBe(false);
  });
});
