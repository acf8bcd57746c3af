import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { actsFor } from '../../src/activities/acts-for.ts';
import { Policy } from '../../src/activities/review-policy.ts';
import { stagesOf } from '../../src/assistant/review-by.ts';
import { defineAssistant, defineTool } from '../../src/index.ts';

const toolWith = (review: object) =>
  defineTool({
    name: 'refund',
    description: 'Refund a payment.',
    parameters: z.object({ amount: z.number() }),
    effect: 'idempotent',
    review: review as { by?: string },
    execute: () => 'refunded',
  });
const run = { runId: 'run', assistant: 'support', context: { user: 'ana' } };

describe('review.by', () => {
  it.each([
    ['finance', [{ group: 'finance', approvals: 1 }]],
    [
      ['finance', 'legal'],
      [
        { group: 'finance', approvals: 1 },
        { group: 'legal', approvals: 1 },
      ],
    ],
    [[{ group: 'finance', approvals: 2 }], [{ group: 'finance', approvals: 2 }]],
  ])('%j → its stages', (by, stages) => {
    expect(stagesOf(by)).toEqual(stages);
    expect(new Policy(toolWith({ by }), run).by({ amount: 1 }, 'legal')).toEqual(stages);
  });

  it.each([
    ['', 'group must be the name'],
    [[], '1 to 10 groups, not 0'],
    [[{ group: 'finance', approvals: 0 }], 'whole number from 1 to 50, not 0'],
    [[{ group: 'finance', approvals: 1.5 }], 'whole number'],
    [[{ group: 'finance', aprovals: 2 }], 'unknown key "aprovals"'],
    [[{ approvals: 2 }], 'group must be the name'],
    [7, "a group's name or a list"],
  ])('%j → refused with the place', (by, text) => {
    expect(() => toolWith({ by })).toThrow(text);
    expect(() => toolWith({ by })).toThrow('Tool "refund"');
    expect(() => defineAssistant({ name: 'support', model: 'gpt-5', reviewBy: by as string })).toThrow(text);
  });

  it('function of the arguments and the run → evaluated', () => {
    const tool = toolWith({ by: ({ amount }: { amount: number }) => (amount > 50 ? 'finance' : 'support') });
    expect(new Policy(tool, run).by({ amount: 51 }, undefined)).toEqual([{ group: 'finance', approvals: 1 }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no table');
      },
    ],
    ['returns nothing', () => undefined],
    ['returns a promise', async () => 'finance'],
  ])('function that %s → a group that no server can have, and a problem for the reviewer', (_how, by) => {
    const policy = new Policy(toolWith({ by }), run);
    expect(policy.by({ amount: 1 }, 'finance')).toEqual([{ group: '(review.by failed)', approvals: 1 }]);
    expect(policy.problems[0]!.says).toMatch(/review\.by failed.*the administrators decide/);
  });

  it('tool without it → the default of the assistant', () => {
    expect(new Policy(toolWith({}), run).by({ amount: 1 }, 'legal')).toEqual([{ group: 'legal', approvals: 1 }]);
    expect(new Policy(toolWith({}), run).by({ amount: 1 }, undefined)).toBeUndefined();
  });

  it('allowSelf that is no boolean → refused', () => {
    expect(() => toolWith({ allowSelf: 'yes' })).toThrow('allowSelf');
  });
});

describe('person that a run acts for', () => {
  it.each([
    [{ user: 'ana' }, undefined, 'ana'],
    [{ user: { id: 7, email: 'ana@example.org' } }, undefined, 'ana@example.org'],
    [{ user: 7 }, undefined, '7'],
    [{ requestedBy: 'ben', user: ' ' }, undefined, 'ben'],
    [{ customer: { agent: 'cleo' }, user: 'ana' }, 'customer.agent', 'cleo'],
    [{ user: 'ana' }, 'customer.agent', undefined],
    [null, undefined, undefined],
    [['ana'], undefined, undefined],
  ])('context %j, field %s → %s', (context, field, name) => {
    expect(actsFor(context, field)).toBe(name);
  });
});
