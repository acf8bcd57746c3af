import { beforeAll, describe, expect, it } from 'vitest';
import { answers, play, type Outcome, type Scenario } from './scenario.ts';

const given = 'It is unknown whether this action was carried out. Do not repeat it.';
const confirmed = 'A person confirmed that this action was carried out. Its result is not known.';

type Expected = { acts: number; asked: number; told: string };
/** An idempotent tool may be called again, under its one key, whenever nobody saw its end. */
const idempotent: Array<[Scenario['at'], Expected]> = [
  ['before-row', { acts: 1, asked: 0, told: 'acted' }],
  ['after-row', { acts: 1, asked: 0, told: 'acted' }],
  ['before-act', { acts: 1, asked: 0, told: 'acted' }],
  ['after-act', { acts: 2, asked: 0, told: 'acted' }],
  ['before-close', { acts: 2, asked: 0, told: 'acted' }],
  ['after-close', { acts: 1, asked: 0, told: 'acted' }],
];
/** A `once` tool never is: between its row and its end only a person can say what happened. */
const once: Array<[Scenario['at'], keyof typeof answers | undefined, Expected]> = [
  ['before-row', undefined, { acts: 1, asked: 0, told: 'acted' }],
  ['after-row', 'notHappened', { acts: 1, asked: 1, told: 'acted' }],
  ['before-act', 'giveUp', { acts: 0, asked: 1, told: given }],
  ['after-act', 'happened', { acts: 1, asked: 1, told: confirmed }],
  ['before-close', 'happened', { acts: 1, asked: 1, told: confirmed }],
  ['after-close', undefined, { acts: 1, asked: 0, told: 'acted' }],
];

/** All at once, since each has to wait for the heartbeat time-out. */
const playing = new Map<string, Promise<Outcome>>();
function begin(name: string, scenario: Omit<Scenario, 'signal'>): void {
  const outcome = play({ ...scenario, signal: 'SIGKILL' });
  outcome.catch(() => undefined);
  playing.set(name, outcome);
}
beforeAll(() => {
  for (const [at] of idempotent) begin(`idempotent ${at}`, { effect: 'idempotent', at });
  for (const [at, answer] of once) begin(`once ${at}`, { effect: 'once', at, ...(answer && { answer: answers[answer] }) });
  begin('reviewed', { effect: 'idempotent', at: 'after-row', review: 'always' });
  begin('reviewed once', { effect: 'once', at: 'after-row', review: 'always', answer: answers.notHappened });
});

describe('a worker killed with SIGKILL', () => {
  it.each(idempotent)('%s of an idempotent tool loses nothing, and acts under one key', async (at, { acts, asked, told }) => {
    const outcome = await (playing.get(`idempotent ${at}`) as Promise<Outcome>);
    expect(outcome).toMatchObject({ keys: 1, told: [told], ledger: { start: 1, state: 'done' } });
    expect(outcome.acts).toHaveLength(acts);
    expect(outcome.asked).toHaveLength(asked);
  }, 400_000);

  it.each(once)('%s of a `once` tool (answer: %s) never makes it act a second time', async (at, _answer, { acts, asked, told }) => {
    const outcome = await (playing.get(`once ${at}`) as Promise<Outcome>);
    expect(outcome.told).toEqual([told]);
    expect(outcome.acts).toHaveLength(acts);
    expect(outcome.asked).toEqual(Array.from({ length: asked }, () => 'outcome'));
  }, 400_000);

  it('does not make a person decide a call again', async () => {
    const outcome = await (playing.get('reviewed') as Promise<Outcome>);
    expect(outcome).toMatchObject({ asked: ['call'], told: ['acted'], keys: 1 });
    expect(outcome.acts).toHaveLength(1);
  }, 400_000);

  it('asks what happened to an approved `once` call, and runs it on the approval it has', async () => {
    const outcome = await (playing.get('reviewed once') as Promise<Outcome>);
    expect(outcome).toMatchObject({ asked: ['call', 'outcome'], told: ['acted'], ledger: { start: 2, state: 'done' } });
    expect(outcome.acts).toHaveLength(1);
  }, 400_000);
});
