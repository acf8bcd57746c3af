import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { surfaces } from '../support/surfaces.ts';
import { violations } from './facts.ts';
import { plans, told } from './plan.ts';
import { startWorld, type World } from './world.ts';

/*
 * For every order of events: a rejected call never acts, an approved call acts once or is reported as
 * unknown, each call gets one output, and a decision reaches its own call only. More plans, or one again:
 *
 *   PLANS=300 npx vitest run test/properties
 *   PLANS=1 SEED=… REPLAY=… npx vitest run test/properties -t assistants
 */
const { PLANS = '15', SEED, REPLAY } = process.env;
/** Shrinking ends in time as well. */
const settings = {
  numRuns: Number(PLANS),
  interruptAfterTimeLimit: 60_000 + Number(PLANS) * 10_000,
  markInterruptAsFailure: true,
  ...(SEED !== undefined && { seed: Number(SEED) }),
  ...(REPLAY !== undefined && { path: REPLAY }),
};

describe.each(surfaces)('random run on the $api API', ({ api }) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(api);
  });
  afterAll(() => world.stop());

  it('random events → all promises hold', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        expect(violations(await world.play(plan)), `This was played:\n${told(plan)}`).toEqual([]);
      }),
      settings,
    );
  }, 3_600_000);
});
