import { describe, expect, it } from 'vitest';
import { judge, type Effect, type Harm, type Observations } from './judge.ts';

const args = { item: 'yes', amount: 70 };
const effect: Effect = { at: 200, key: 'run/1/0/call', item: 'yes', args };
const good: Observations = {
  effect: 'idempotent',
  status: 'COMPLETED',
  approved: { item: 'yes', args },
  approvalSentAt: 100,
  effects: [effect],
  asked: 1,
  confirmed: false,
  told: { approved: ['{"accepted":true}'], rejected: ['Security system denied this specific action.'] },
};
const confirmed = 'A person confirmed that this action was carried out. Its result is not known.';

describe('judge', () => {
  it.each<[string, Partial<Observations>]>([
    ['one effect, both outputs told', {}],
    ['idempotent tool, two attempts under one key', { effects: [effect, { ...effect, at: 300 }] }],
    [
      'outcome confirmed by a person',
      {
        effect: 'at-most-once',
        confirmed: true,
        told: { approved: [confirmed], rejected: good.told.rejected },
      },
    ],
  ])('%s → no harm', (_name, seen) => {
    expect(judge({ ...good, ...seen })).toEqual({});
  });

  it.each<[string, Partial<Observations>, Harm]>([
    ['no effect of the approved call', { effects: [] }, 'lost'],
    ['failed run', { status: 'FAILED' }, 'lost'],
    ['model without the output', { told: { ...good.told, approved: [] } }, 'lost'],
    ['model told that the approved call was denied', { told: { ...good.told, approved: good.told.rejected } }, 'lost'],
    ['model not told of the rejection', { told: { ...good.told, rejected: ['{"accepted":true}'] } }, 'lost'],
    ['outcome told as confirmed without a person', { told: { ...good.told, approved: [confirmed] } }, 'lost'],
    ['idempotent tool, two keys', { effects: [effect, { ...effect, key: 'another' }] }, 'doubled'],
    ['at-most-once tool, one key twice', { effect: 'at-most-once', effects: [effect, effect] }, 'doubled'],
    ['reviewer asked twice about one call', { asked: 2 }, 'doubled'],
    ['output told twice', { told: { ...good.told, approved: ['{"accepted":true}', '{"accepted":true}'] } }, 'doubled'],
    ['arguments before the edit', { effects: [{ ...effect, args: { item: 'yes', amount: 100 } }] }, 'wrongArguments'],
    ['effect of the rejected call', { effects: [effect, { ...effect, item: 'no' }] }, 'unapproved'],
    ['effect before the approval', { effects: [{ ...effect, at: 99 }] }, 'unapproved'],
    ['effect without an approval', { approvalSentAt: undefined }, 'unapproved'],
    ['no end within the bound', { status: undefined }, 'stuck'],
  ])('%s → %s', (_name, seen, harm) => {
    expect(Object.keys(judge({ ...good, ...seen }))).toEqual([harm]);
  });
});
