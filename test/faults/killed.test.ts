import { beforeAll, describe, expect, it } from 'vitest';
import { answers, play, type ScenarioOutcome, type Scenario } from './scenario.ts';

const given = 'It is unknown whether this action was carried out. Do not repeat it.';
const confirmed = 'A person confirmed that this action was carried out. Its result is not known.';

type Expected = { acts: number; asked: number; told: string };
/** An idempotent tool without a recorded end may be called again, under its one key. */
const idempotent: Array<[Scenario['at'], Expected]> = [
  ['before-row', { acts: 1, asked: 0, told: 'acted' }],
  ['after-row', { acts: 1, asked: 0, told: 'acted' }],
  ['before-act', { acts: 1, asked: 0, told: 'acted' }],
  ['after-act', { acts: 2, asked: 0, told: 'acted' }],
  ['before-close', { acts: 2, asked: 0, told: 'acted' }],
  ['after-close', { acts: 1, asked: 0, told: 'acted' }],
];
/** An `at-most-once` tool is never called again: between its row and its end, a person is asked about the outcome. */
const once: Array<[Scenario['at'], keyof typeof answers | undefined, Expected]> = [
  ['before-row', undefined, { acts: 1, asked: 0, told: 'acted' }],
  ['after-row', 'notHappened', { acts: 1, asked: 1, told: 'acted' }],
  ['before-act', 'giveUp', { acts: 0, asked: 1, told: given }],
  ['after-act', 'happened', { acts: 1, asked: 1, told: confirmed }],
  ['before-close', 'happened', { acts: 1, asked: 1, told: confirmed }],
  ['after-close', undefined, { acts: 1, asked: 0, told: 'acted' }],
];

/** All in one worker, which is killed when each is where it is struck. */
const scenarios = new Map<string, Scenario>([
  ...idempotent.map(([at]) => [`idempotent ${at}`, { kind: 'idempotent_never', at }] as const),
  ...once.map(
    ([at, answer]) =>
      [`once ${at}`, { kind: 'at-most-once_never', at, ...(answer && { answer: answers[answer] }) }] as const,
  ),
  ['reviewed', { kind: 'idempotent_always', at: 'after-row' }],
  ['reviewed once', { kind: 'at-most-once_always', at: 'after-row', answer: answers.notHappened }],
]);
let outcomes: ScenarioOutcome[];
beforeAll(async () => {
  outcomes = await play([...scenarios.values()], { signal: 'SIGKILL' });
}, 400_000);
const outcomeOf = (name: string): ScenarioOutcome => outcomes[[...scenarios.keys()].indexOf(name)] as ScenarioOutcome;

describe('a worker killed with SIGKILL', () => {
  it.each(idempotent)('idempotent tool, %s → nothing is lost, one key', (at, { acts, asked, told }) => {
    const outcome = outcomeOf(`idempotent ${at}`);
    expect(outcome).toMatchObject({ keys: 1, told: [told], ledger: { start: 1, state: 'done' } });
    expect(outcome.acts).toHaveLength(acts);
    expect(outcome.asked).toHaveLength(asked);
  });

  it.each(once)('`at-most-once` tool, %s (answer: %s) → no second act', (at, _answer, { acts, asked, told }) => {
    const outcome = outcomeOf(`once ${at}`);
    expect(outcome.told).toEqual([told]);
    expect(outcome.acts).toHaveLength(acts);
    expect(outcome.asked).toEqual(Array.from({ length: asked }, () => 'outcome'));
  });

  it('reviewed call → decided once', () => {
    const outcome = outcomeOf('reviewed');
    expect(outcome).toMatchObject({ asked: ['call'], told: ['acted'], keys: 1 });
    expect(outcome.acts).toHaveLength(1);
  });

  it('approved `at-most-once` call → a person is asked, then it runs on its approval', () => {
    const outcome = outcomeOf('reviewed once');
    expect(outcome).toMatchObject({ asked: ['call', 'outcome'], told: ['acted'], ledger: { start: 2, state: 'done' } });
    expect(outcome.acts).toHaveLength(1);
  });
});
