import { describe, expect, it } from 'vitest';
import { Policy } from '../../src/activities/review-policy.ts';
import { mailTool } from '../support/tools.ts';

type When = (args: { to: string; count: number }) => boolean | Promise<boolean>;

const facts = { runId: 'run', assistant: 'comms', context: { region: 'north' } };
const asks = (when: When, args = { to: 'all', count: 1 }) =>
  new Policy(mailTool({ review: { when } }).tool, facts).needsReview(args);

describe('review.when', () => {
  it.each<[string, When]>([
    [
      'throws',
      () => {
        throw new Error('no price list');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no price list'))],
  ])('%s → a person decides', async (_what, when) => {
    expect(await asks(when)).toBe(true);
  });

  it('changes its arguments → those of the call stay', async () => {
    const args = { to: 'all', count: 1 };
    await asks((given) => {
      given.count = 9;
      return false;
    }, args);
    expect(args.count).toBe(1);
  });
});
