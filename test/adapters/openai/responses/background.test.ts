import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@holdpoint/json';
import { createResponseHints } from '../../../../src/adapters/openai/responses/response-hints.ts';
import { postsTo, runForTest, standInForTest } from '../surface-for-test.ts';

const background = { background: { deadline: '1 hour' } };

/** A test clock that stands still until it is moved. */
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
  it('started: stored in a checkpoint before the first poll, then polled until it has ended', async () => {
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

  it('stored by an earlier attempt: polled by the next one', async () => {
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

  it('in progress at the deadline: cancelled, and the next attempt starts another', async () => {
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

  it('deadline passed without a worker: used if it has ended', async () => {
    const standIn = await standInForTest();
    const clock = movable();
    const run = await runForTest(standIn.url, background, { now: clock.now });
    await run.take('hello');
    clock.advance(24 * 60 * 60 * 1000);
    expect((await run.take('hello', { resumeFrom: run.note, conversation: null })).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('F20 deleted or cancelled meanwhile: started again', async () => {
    const standIn = await standInForTest();
    const run = await runForTest(standIn.url, background);
    const note: JsonObject = { responseId: 'resp_gone', startedAt: Date.now() };
    expect((await run.take('hello', { resumeFrom: note })).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('few failed polls: the wait continues', async () => {
    const standIn = await standInForTest();
    standIn.control.fault({ kind: 'server_error', match: { method: 'GET', path: '/v1/responses/*' }, times: 3 });
    const run = await runForTest(standIn.url, background);
    expect((await run.take('hello')).outcome.type).toBe('answer');
    expect(postsTo(standIn)).toHaveLength(1);
  });

  it('every poll fails: left to the next attempt', async () => {
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

describe('hint for a background response', () => {
  const slowly = { pollIntervals: { firstMs: 10 * 60_000, longestMs: 10 * 60_000 } };
  const inBackground = () => standInForTest({ background: { pollsUntilFinished: 2, milliseconds: 1e9 } });

  it('during the wait: the next poll comes at once', async () => {
    const standIn = await inBackground();
    const announced: string[] = [];
    const run = await runForTest(standIn.url, background, {
      ...slowly,
      findHints: async (ids) => ids.filter((id) => announced.includes(id)),
    });
    const turn = run.take('hello');
    await expect.poll(() => polls(standIn)).toBe(1);
    announced.push(run.note?.['responseId'] as string);
    expect((await turn).outcome.type).toBe('answer');
    expect(polls(standIn)).toBe(2);
  });

  it('before the wait: used within a second', async () => {
    const standIn = await inBackground();
    const run = await runForTest(standIn.url, background, { ...slowly, findHints: async (ids) => [...ids] });
    expect((await run.take('hello')).outcome.type).toBe('answer');
  });

  it('F23 too early: one extra poll, then the usual polls', async () => {
    const standIn = await standInForTest({ background: { pollsUntilFinished: 3, milliseconds: 1e9 } });
    let asked = 0;
    // Hints are read after one second. Polls without a hint come later than that.
    const run = await runForTest(standIn.url, background, {
      pollIntervals: { firstMs: 1500, longestMs: 1500 },
      findHints: async (ids) => ((asked += 1), [...ids]),
    });
    expect((await run.take('hello')).outcome.type).toBe('answer');
    expect([polls(standIn), asked]).toEqual([3, 1]);
  });

  it('missing, of another response, or unreadable: the polls find the end', async () => {
    for (const findHints of [
      async () => [],
      async () => ['resp_of_another_client'],
      async () => Promise.reject(new Error('the database is down')),
    ]) {
      const standIn = await inBackground();
      const run = await runForTest(standIn.url, background, { findHints });
      expect((await run.take('hello')).outcome.type).toBe('answer');
    }
  });

  it('several waiting responses: one query, and none without a wait', async () => {
    const asked: string[][] = [];
    const hints = createResponseHints(
      async (ids) => {
        asked.push([...ids].toSorted());
        return asked.length < 3 ? [] : ['a'];
      },
      { log: { info: () => undefined, warn: () => undefined }, everyMs: 1 },
    );
    const stop = new AbortController();
    await Promise.all([
      hints.next('a', stop.signal),
      hints.next('a', stop.signal),
      hints.next('b', stop.signal).then(() => stop.signal.aborted),
      hints.next('a', stop.signal).then(() => stop.abort()),
    ]);
    expect(asked.slice(0, 3)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    const before = asked.length;
    await hints.next('c', AbortSignal.abort());
    const late = hints.next('d', AbortSignal.timeout(20));
    await late;
    expect(
      asked
        .slice(before)
        .flat()
        .every((id) => id === 'd'),
    ).toBe(true);
  });

  it('wait aborted: ends with the reason', async () => {
    const standIn = await standInForTest({ background: { pollsUntilFinished: 1e9, milliseconds: 1e9 } });
    const run = await runForTest(standIn.url, background, { ...slowly, findHints: async () => [] });
    const abort = new AbortController();
    const turn = run.take('hello', { signal: abort.signal });
    await expect.poll(() => polls(standIn)).toBe(1);
    abort.abort(new Error('The run was cancelled.'));
    await expect(turn).rejects.toThrow('The run was cancelled.');
  });
});
