import { describe, expect, it } from 'vitest';
import { answer, apiErrorOf, callOf, startForTest, tool } from './start-for-test.ts';

const ask = {
  model: 'gpt-4.1',
  tools: [tool('refund', 'order')],
  input: 'call refund {"order":"7"}',
  background: true,
  store: true,
};
const standingClock = { now: () => 1_800_000_000_000 };

describe('a background response', () => {
  it('polls → queued, in progress, completed with its calls', async () => {
    const { openai } = await startForTest({ clock: standingClock });
    const created = await openai.responses.create(ask);
    expect(created).toMatchObject({ status: 'queued', background: true, output: [], completed_at: null });
    expect(created.usage).toBeNull();
    const polls = [
      await openai.responses.retrieve(created.id),
      await openai.responses.retrieve(created.id),
      await openai.responses.retrieve(created.id),
    ];
    expect(polls.map(({ status }) => status)).toEqual(['in_progress', 'completed', 'completed']);
    expect(polls[2]).toMatchObject({
      output: [{ type: 'function_call', name: 'refund' }],
      completed_at: 1_800_000_000,
    });
    const next = await openai.responses.create({
      ...ask,
      background: false,
      previous_response_id: created.id,
      input: [answer(callOf(polls[2] as typeof created), 'ok')],
    });
    expect(next.status).toBe('completed');
  });

  it('time without polls → completed', async () => {
    const { openai, control } = await startForTest({
      clock: standingClock,
      background: { pollsUntilFinished: 1_000, milliseconds: 60_000 },
    });
    const { id } = await openai.responses.create(ask);
    control.advanceClock(59_999);
    expect((await openai.responses.retrieve(id)).status).toBe('in_progress');
    control.advanceClock(1);
    expect((await openai.responses.retrieve(id)).status).toBe('completed');
  });

  it('stay_in_progress → never ends', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'stay_in_progress' });
    const { id } = await openai.responses.create(ask);
    control.advanceClock(24 * 60 * 60 * 1000);
    for (let poll = 0; poll < 5; poll += 1) expect((await openai.responses.retrieve(id)).status).toBe('in_progress');
    expect((await openai.responses.cancel(id)).status).toBe('cancelled');
  });

  it('cancelled twice → stays cancelled', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.responses.create(ask);
    const answers = [await openai.responses.cancel(id), await openai.responses.cancel(id)];
    control.advanceClock(60_000);
    answers.push(await openai.responses.retrieve(id));
    expect(answers.map(({ status, output }) => [status, output])).toEqual(
      Array.from({ length: 3 }, () => ['cancelled', []]),
    );
  });

  it('ended, then cancelled → unchanged', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.responses.create(ask);
    control.advanceClock(2_000);
    expect((await openai.responses.cancel(id)).status).toBe('completed');
  });

  it('continued before its end → refused', async () => {
    const { openai } = await startForTest({ clock: standingClock });
    const { id } = await openai.responses.create(ask);
    expect(
      await apiErrorOf(openai.responses.create({ ...ask, previous_response_id: id, input: 'more' })),
    ).toMatchObject({ status: 400, param: 'previous_response_id' });
  });

  it.each([
    [true, 'completed'],
    [undefined, 404],
    [false, 404],
  ])('store: %s → %s after ten minutes', async (store, expected) => {
    const { openai, control } = await startForTest();
    const { id } = await openai.responses.create({ ...ask, store: store ?? null });
    await openai.responses.retrieve(id);
    control.advanceClock(10 * 60 * 1000);
    const found = await openai.responses.retrieve(id).then(
      ({ status }) => status,
      (error: { status: number }) => error.status,
    );
    expect(found).toBe(expected);
  });

  it('store: false → can be polled, not continued', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.responses.create({ ...ask, store: false });
    control.advanceClock(2_000);
    const done = await openai.responses.retrieve(id);
    const follow = openai.responses.create({ ...ask, previous_response_id: id, input: [answer(callOf(done), 'ok')] });
    expect(await apiErrorOf(follow)).toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  it('cancel without background → refused', async () => {
    const { openai } = await startForTest();
    const { id } = await openai.responses.create({ ...ask, background: false });
    expect((await apiErrorOf(openai.responses.cancel(id))).message).toBe('400 Cannot cancel a synchronous response.');
    await expect(openai.responses.cancel('resp_made_up')).rejects.toMatchObject({ status: 404 });
  });

  it('failed → polls show its error', async () => {
    const { openai, control } = await startForTest();
    control.script({ steps: [{ failed: { code: 'rate_limit_exceeded', message: 'Too fast.' } }] });
    const { id } = await openai.responses.create(ask);
    control.advanceClock(2_000);
    expect(await openai.responses.retrieve(id)).toMatchObject({
      status: 'failed',
      error: { code: 'rate_limit_exceeded', message: 'Too fast.' },
      output: [],
    });
  });
});
