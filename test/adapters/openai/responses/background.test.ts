import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@holdpoint/json';
import { createResponseNews } from '../../../../src/adapters/openai/responses/response-news.ts';
import { postsTo, runForTest, standInForTest } from '../surface-for-test.ts';

const background = { background: { deadline: '1 hour' } };

/** A clock of our own: it stands still until it is moved. */
function movable() {
  let time = 1_800_000_000_000;
  return {
    now: () => time,
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

const polls = (standIn: { control: { requests(): readonly { method: string; path: string }[] } }) =>
  standIn.control.requests().filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/responses/')).length;

describe('a background response', () => {
  it('is noted before it is polled, and polled until it has ended', async () => {
    const standIn = await standInForTest({ background: { pollsUntilFinished: 4, milliseconds: 1e9 } });
    const run = await runForTest(standIn.url, background);
    const atCheckpoint: number[] = [];
    const reply = await run.take('hello', {
      checkpoint: async (note) => {
        run.note = note;
        atCheckpoint.push(polls(standIn));
      },
    });
    expect(reply.outcome.type).toBe('answer');
    expect(atCheckpoint).toEqual([0]);
    expect(run.note).toMatchObject({ responseId: reply.conversation.surface['responseId'] });
    expect(polls(standIn)).toBe(4);
    expect(postsTo(standIn)).toMatchObject([{ background: true, store: true }]);
    expect(postsTo(standIn)[0]).not.toHaveProperty('stream');
  });

  it('is gone on with by the next attempt', async () => {
    const standIn = await standInForTest({ background: { pollsUntilFinished: 4, milliseconds: 1e9 } });
    const run = await runForTest(standIn.url, background);
    const abort = new AbortController();
    await expect(
      run.take('hello', {
        signal: abort.signal,
        checkpoint: async (note) => {
          run.note = note;
          abort.abort(new Error('The worker went down.'));
        },
      }),
    ).rejects.toThrow('The worker went down.');
    expect((await run.take('hello', { resumeFrom: run.note })).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('that stays in progress for ever is cancelled at our deadline, and the next attempt starts anew', async () => {
    const standIn = await standInForTest();
    const clock = movable();
    const run = await runForTest(standIn.url, background, { now: clock.now });
    standIn.control.fault({ kind: 'stay_in_progress' });
    const turn = run.failure('hello');
    await expect.poll(() => polls(standIn)).toBeGreaterThan(1);
    clock.advance(60 * 60 * 1000);
    expect(await turn).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('did not end within 3600 s') as unknown,
    });
    expect(standIn.control.requests().some(({ path }) => path.endsWith('/cancel'))).toBe(true);
    expect((await run.take('hello', { resumeFrom: run.note })).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(2);
  });

  it('whose deadline passed while no worker was up is used if it has ended', async () => {
    const standIn = await standInForTest();
    const clock = movable();
    const run = await runForTest(standIn.url, background, { now: clock.now });
    await run.take('hello');
    clock.advance(24 * 60 * 60 * 1000);
    expect((await run.take('hello', { resumeFrom: run.note, conversation: null })).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('F20 that is gone or was cancelled meanwhile is started again', async () => {
    const standIn = await standInForTest();
    const run = await runForTest(standIn.url, background);
    const note: JsonObject = { responseId: 'resp_gone', startedAt: Date.now() };
    expect((await run.take('hello', { resumeFrom: note })).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('outlives a few failed looks', async () => {
    const standIn = await standInForTest();
    standIn.control.fault({ kind: 'server_error', match: { method: 'GET', path: '/v1/responses/*' }, times: 3 });
    const run = await runForTest(standIn.url, background);
    expect((await run.take('hello')).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('is left to the next attempt when looks keep failing', async () => {
    const standIn = await standInForTest();
    const fault = standIn.control.fault({
      kind: 'server_error',
      match: { method: 'GET', path: '/v1/responses/*' },
      times: 'always',
    });
    const run = await runForTest(standIn.url, background);
    expect((await run.failure('hello')).type).toBe('ModelUnavailable');
    fault.remove();
    expect((await run.take('hello', { resumeFrom: run.note })).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });
});

describe('news of a background response', () => {
  const slowly = { pollIntervals: { firstMs: 10 * 60_000, longestMs: 10 * 60_000 } };
  const inBackground = () => standInForTest({ background: { pollsUntilFinished: 2, milliseconds: 1e9 } });

  it('brings the next look forward', async () => {
    const standIn = await inBackground();
    const announced: string[] = [];
    const run = await runForTest(standIn.url, background, {
      ...slowly,
      findNews: async (ids) => ids.filter((id) => announced.includes(id)),
    });
    const turn = run.take('hello');
    await expect.poll(() => polls(standIn)).toBe(1);
    announced.push(run.note?.['responseId'] as string);
    expect((await turn).outcome.type).toBe('answer');
    expect(polls(standIn)).toBe(2);
  });

  it('that came before the wait is heard at once', async () => {
    const standIn = await inBackground();
    const run = await runForTest(standIn.url, background, { ...slowly, findNews: async (ids) => [...ids] });
    expect((await run.take('hello')).outcome.type).toBe('answer');
  });

  it('F23 of what is not to be seen yet is believed once, and the looks go on as ever', async () => {
    const standIn = await standInForTest({ background: { pollsUntilFinished: 3, milliseconds: 1e9 } });
    let asked = 0;
    // News is looked for after a second: each look at OpenAI that it does not bring forward comes later than that.
    const run = await runForTest(standIn.url, background, {
      pollIntervals: { firstMs: 1500, longestMs: 1500 },
      findNews: async (ids) => ((asked += 1), [...ids]),
    });
    expect((await run.take('hello')).outcome.type).toBe('answer');
    expect([polls(standIn), asked]).toEqual([3, 1]);
  });

  it('that never comes, is of another response, or can not be read is not needed', async () => {
    for (const findNews of [
      async () => [],
      async () => ['resp_of_somebody_else'],
      async () => Promise.reject(new Error('the database is away')),
    ]) {
      const standIn = await inBackground();
      const run = await runForTest(standIn.url, background, { findNews });
      expect((await run.take('hello')).outcome.type).toBe('answer');
    }
  });

  it('is asked for all that wait together, and not at all when nothing waits', async () => {
    const asked: string[][] = [];
    const news = createResponseNews(
      async (ids) => {
        asked.push([...ids].toSorted());
        return asked.length < 3 ? [] : ['a'];
      },
      { log: { info: () => undefined, warn: () => undefined }, everyMs: 1 },
    );
    const stop = new AbortController();
    await Promise.all([
      news.heard('a', stop.signal),
      news.heard('a', stop.signal),
      news.heard('b', stop.signal).then(() => stop.signal.aborted),
      news.heard('a', stop.signal).then(() => stop.abort()),
    ]);
    expect(asked.slice(0, 3)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    const before = asked.length;
    await news.heard('c', AbortSignal.abort());
    const late = news.heard('d', AbortSignal.timeout(20));
    await late;
    expect(
      asked
        .slice(before)
        .flat()
        .every((id) => id === 'd'),
    ).toBe(true);
  });

  it('that is waited for ends with the wait', async () => {
    const standIn = await standInForTest({ background: { pollsUntilFinished: 1e9, milliseconds: 1e9 } });
    const run = await runForTest(standIn.url, background, { ...slowly, findNews: async () => [] });
    const abort = new AbortController();
    const turn = run.take('hello', { signal: abort.signal });
    await expect.poll(() => polls(standIn)).toBe(1);
    abort.abort(new Error('The run was cancelled.'));
    await expect(turn).rejects.toThrow('The run was cancelled.');
  });
});
