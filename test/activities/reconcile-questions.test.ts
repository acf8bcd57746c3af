import { describe, expect, it } from 'vitest';
import { hour, WaitingWorld } from './waiting-world.ts';

describe('reconcile: questions of reviewers', () => {
  it('callback lost → the run is signalled once, and again after six hours while it stays open', async () => {
    const world = WaitingWorld.of(3, () => hour);
    await world.round();
    world.openQuestions = [
      { id: 'q1', approvalId: 'req_000001' },
      { id: 'q2', approvalId: 'req_000001' },
    ];
    expect(await world.round()).toMatchObject({ told: 1 });
    for (let round = 0; round < 5; round += 1) expect(await world.round()).toMatchObject({ told: 0 });
    expect([world.asked, world.told]).toEqual([['run_000001'], []]);
    world.clock += 6 * hour;
    await world.round();
    expect(world.asked).toEqual(['run_000001', 'run_000001']);
  });

  it('another question on the same request → signalled; answered ones are forgotten', async () => {
    const world = WaitingWorld.of(2, () => hour);
    world.openQuestions = [{ id: 'q1', approvalId: 'req_000000' }];
    await world.round();
    world.openQuestions = [{ id: 'q2', approvalId: 'req_000000' }];
    const { questions } = await world.round();
    expect([world.asked.length, Object.values(questions!).map((told) => Object.keys(told))]).toEqual([2, [['q2']]]);
    world.openQuestions = [];
    expect(Object.values((await world.round()).questions!)).toEqual([{}]);
  });

  it('run not visible yet → signalled in a later round', async () => {
    const world = WaitingWorld.of(2, () => hour);
    world.openQuestions = [{ id: 'q1', approvalId: 'req_000001' }];
    world.invisible.add('req_000001');
    await world.round();
    expect(world.asked).toEqual([]);
    world.invisible.clear();
    await world.round();
    expect(world.asked).toEqual(['run_000001']);
  });

  it('review server away → asked again in the next round', async () => {
    const world = WaitingWorld.of(2, () => hour);
    world.openQuestions = [{ id: 'q1', approvalId: 'req_000001' }];
    world.isAway = true;
    await world.round();
    world.isAway = false;
    await world.round();
    expect(world.asked).toEqual(['run_000001']);
  });
});
