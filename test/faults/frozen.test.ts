import { beforeAll, describe, expect, it } from 'vitest';
import { answers, play, type Outcome, type Scenario } from './scenario.ts';

/* A worker is stopped (SIGSTOP) for longer than the heartbeat time-out, and goes on when another attempt has begun. */

type Expected = { acts: number; asked: number; told: string };
const frozen: Array<[string, Omit<Scenario, 'signal'>, Expected]> = [
  ['an idempotent tool before its row', { effect: 'idempotent', at: 'before-row' }, { acts: 1, asked: 0, told: 'acted' }],
  ['an idempotent tool between row and act', { effect: 'idempotent', at: 'after-row' }, { acts: 1, asked: 0, told: 'acted' }],
  ['an idempotent tool in its act', { effect: 'idempotent', at: 'before-act' }, { acts: 2, asked: 0, told: 'acted' }],
  ['a `once` tool before its row', { effect: 'once', at: 'before-row' }, { acts: 1, asked: 0, told: 'acted' }],
  ['a `once` tool between row and act', { effect: 'once', at: 'after-row', answer: answers.notHappened }, { acts: 1, asked: 1, told: 'acted' }],
  ['a `once` tool between row and act, awake when it has run elsewhere', { effect: 'once', at: 'after-row', answer: answers.notHappened, wakesLast: true }, { acts: 1, asked: 1, told: 'acted' }],
  ['a `once` tool in its act, which still happens', { effect: 'once', at: 'before-act', answer: answers.notHappened }, { acts: 1, asked: 1, told: 'acted' }],
];

/** Temporal gives the next attempt to the frozen worker's open poll, so on waking both go on in one process. */
const alone: Scenario = { effect: 'once', at: 'after-row', answer: answers.notHappened, alone: true, signal: 'SIGSTOP' };

const playing = new Map<string, Promise<Outcome>>();
beforeAll(() => {
  for (const [name, scenario] of [...frozen, ['alone', alone] as const]) {
    const outcome = play({ ...scenario, signal: 'SIGSTOP' });
    outcome.catch(() => undefined);
    playing.set(name, outcome);
  }
});

describe('a worker that was frozen and wakes up', () => {
  it.each(frozen)('%s: at most one act, or one key', async (name, _scenario, { acts, asked, told }) => {
    const outcome = await (playing.get(name) as Promise<Outcome>);
    expect(outcome.acts).toHaveLength(acts);
    expect(outcome.keys).toBe(1);
    expect(outcome.asked).toEqual(Array.from({ length: asked }, () => 'outcome'));
    expect(outcome.told).toEqual([told]);
  }, 400_000);

  it('(the only one, between row and act of a `once` tool) acts once, though both attempts go on', async () => {
    expect((await (playing.get('alone') as Promise<Outcome>)).acts).toHaveLength(1);
  }, 400_000);
});
