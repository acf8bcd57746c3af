import { beforeAll, describe, expect, it } from 'vitest';
import { answers, play, type ScenarioOutcome, type Scenario } from './scenario.ts';

/*
 * A worker is stopped (SIGSTOP) for longer than the heartbeat time-out, and continues when another attempt has begun.
 */

type Expected = { acts: number; asked: number; told: string };
const frozen: Array<[string, Scenario, Expected]> = [
  [
    'an idempotent tool before its row',
    { kind: 'idempotent_never', at: 'before-row' },
    { acts: 1, asked: 0, told: 'acted' },
  ],
  [
    'an idempotent tool between row and act',
    { kind: 'idempotent_never', at: 'after-row' },
    { acts: 1, asked: 0, told: 'acted' },
  ],
  [
    'an idempotent tool in its act',
    { kind: 'idempotent_never', at: 'before-act' },
    { acts: 2, asked: 0, told: 'acted' },
  ],
  [
    'an `at-most-once` tool before its row',
    { kind: 'at-most-once_never', at: 'before-row' },
    { acts: 1, asked: 0, told: 'acted' },
  ],
  [
    'an `at-most-once` tool between row and act',
    { kind: 'at-most-once_never', at: 'after-row', answer: answers.notHappened },
    { acts: 1, asked: 1, told: 'acted' },
  ],
  [
    'an `at-most-once` tool in its act, which still happens',
    { kind: 'at-most-once_never', at: 'before-act', answer: answers.notHappened },
    { acts: 1, asked: 1, told: 'acted' },
  ],
];
const betweenRowAndAct: Scenario = { kind: 'at-most-once_never', at: 'after-row', answer: answers.notHappened };

let outcomes: ScenarioOutcome[];
let last: ScenarioOutcome | undefined;
let alone: ScenarioOutcome | undefined;
beforeAll(async () => {
  [outcomes, [last], [alone]] = await Promise.all([
    play(
      frozen.map(([, scenario]) => scenario),
      { signal: 'SIGSTOP' },
    ),
    play([betweenRowAndAct], { signal: 'SIGSTOP', wakesLast: true }),
    // Temporal gives the next attempt to the frozen worker's open poll, so on waking both go on in one process.
    play([betweenRowAndAct], { signal: 'SIGSTOP', alone: true }),
  ]);
}, 400_000);

describe('frozen worker that wakes up', () => {
  it.each(frozen)('%s → at most one act, or one key', (name, _scenario, { acts, asked, told }) => {
    const outcome = outcomes[frozen.findIndex(([each]) => each === name)] as ScenarioOutcome;
    expect(outcome.acts).toHaveLength(acts);
    expect(outcome.keys).toBe(1);
    expect(outcome.asked).toEqual(Array.from({ length: asked }, () => 'outcome'));
    expect(outcome.told).toEqual([told]);
  });

  it('between row and act of an `at-most-once` tool that ran elsewhere → does not act', () => {
    expect(last).toMatchObject({ keys: 1, asked: ['outcome'], told: ['acted'] });
    expect(last?.acts).toHaveLength(1);
  });

  it('the only worker, between row and act of an `at-most-once` tool → acts once, though both attempts continue', () => {
    expect(alone?.acts).toHaveLength(1);
  });
});
