import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineTool, ToolFailed } from '../../src/index.ts';
import { InvalidArguments, testTool } from '../../src/testing.ts';

const asked: unknown[] = [];
const refund = defineTool({
  name: 'refund',
  description: 'Refunds a payment.',
  parameters: z.object({ payment: z.string().min(1), amount: z.number().positive(), reason: z.string().nullable() }),
  effect: 'idempotent',
  review: {
    when: ({ amount }, run) => amount > (run.context?.limit ?? 50),
    summary: ({ amount }) => `Refund ${amount}`,
    risk: ({ amount }) => (amount > 1000 ? 'high' : 'low'),
    context: ({ payment }) => ({ history: [payment] }),
    expiresIn: '3 days',
  },
  execute: async ({ payment, amount }, facts) => {
    asked.push(facts);
    if (payment === 'gone') throw new ToolFailed('no such payment');
    if (payment === 'broken') throw new RangeError('the bank is closed');
    return { refunded: amount };
  },
});
const small = { payment: 'p1', amount: 20, reason: null };
const large = { payment: 'p1', amount: 80, reason: null };

describe('testTool: call', () => {
  it('valid arguments → result typed by the tool, and the text for the model', async () => {
    const { result, output } = await testTool(refund).call(small);
    expectTypeOf(result).toEqualTypeOf<{ refunded: number }>();
    expect(result).toEqual({ refunded: 20 });
    expect(output).toBe('{"refunded":20}');
  });

  it('no options → a key for each call, first attempt, no context', async () => {
    asked.length = 0;
    const tested = testTool(refund);
    await tested.call(small);
    await tested.call(small);
    await tested.call(small, { idempotencyKey: 'k', attempt: 3, context: { user: 'rita' }, assistant: 'desk' });
    expect(asked).toMatchObject([
      { idempotencyKey: 'call_test_1', attempt: 1, context: null, run: { runId: 'run_test', assistant: 'test' } },
      { idempotencyKey: 'call_test_2' },
      { idempotencyKey: 'k', attempt: 3, context: { user: 'rita' }, run: { assistant: 'desk' } },
    ]);
  });

  it('arguments that the schema refuses → the words that the model gets, nothing runs', async () => {
    asked.length = 0;
    const problem = await testTool(refund)
      .call({ ...small, amount: -1 })
      .catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(InvalidArguments);
    expect((problem as InvalidArguments).output).toMatch(/^Invalid arguments for "refund": amount: /);
    expect(asked).toEqual([]);
  });

  it('error of execute → passed on as it is', async () => {
    await expect(testTool(refund).call({ ...small, payment: 'gone' })).rejects.toThrow(ToolFailed);
    await expect(testTool(refund).call({ ...small, payment: 'broken' })).rejects.toThrow(RangeError);
  });

  it('schema whose own code throws → its error as it is', async () => {
    const odd = defineTool({
      name: 'odd',
      description: 'Checks in its schema.',
      parameters: z.object({
        id: z.string().refine(() => {
          throw new Error('the directory is down');
        }),
      }),
      effect: 'idempotent',
      review: 'never',
      execute: () => 'done',
    });
    await expect(testTool(odd).call({ id: 'x' })).rejects.toThrow('the directory is down');
  });

  it('tool without execute → an error that says what to test', async () => {
    const asking = defineTool({ name: 'ask', description: 'Asks.', parameters: z.object({ text: z.string() }) });
    await expect(testTool(asking).call({ text: 'x' })).rejects.toThrow(/"ask" has no execute/);
    expect((await testTool(asking).review({ text: 'x' })).reviewed).toBe(true);
  });

  it('misspelled, missing or wrongly typed argument → refused by TypeScript', () => {
    const tested = testTool(refund);
    // @ts-expect-error -- The name of the argument is amount.
    const misspelled = () => tested.call({ payment: 'p1', amuont: 1, reason: null });
    // @ts-expect-error -- It lacks payment.
    const missing = () => tested.review({ amount: 1, reason: null });
    // @ts-expect-error -- It is a number.
    const wrong = () => tested.edit(small, { amount: '1' });
    expect([misspelled, missing, wrong]).toHaveLength(3);
  });
});

describe('testTool: review', () => {
  it('below the limit → runs at once', async () => {
    expect(await testTool(refund).review(small)).toMatchObject({ reviewed: false, reason: '', problems: [] });
  });

  it('above it → all that the reviewer sees', async () => {
    expect(await testTool(refund).review(large)).toEqual({
      reviewed: true,
      reason: 'The rule of this tool (review.when) has a person decide on these arguments.',
      summary: 'Refund 80',
      risk: 'low',
      justification: null,
      context: { history: ['p1'] },
      expiresIn: '3 days',
      problems: [],
    });
  });

  it('context of the run → seen by the policy', async () => {
    expect((await testTool(refund).review(large, { context: { limit: 100 } })).reviewed).toBe(false);
  });

  it('policy that throws → reviewed as in a run, and the problem named', async () => {
    const broken = defineTool({
      ...base,
      review: {
        when: () => {
          throw new TypeError('no table of limits');
        },
      },
    });
    expect(await testTool(broken).review({ text: 'x' })).toMatchObject({
      reviewed: true,
      problems: ['review.when failed: no table of limits; a person is asked to be safe.'],
    });
  });
});

const base = {
  name: 'send',
  description: 'Sends.',
  parameters: z.object({ text: z.string() }),
  effect: 'idempotent',
  review: 'always',
  execute: () => 'sent',
} as const;

describe('testTool: edit', () => {
  it('edit that fits → runs with it', async () => {
    const { outcome, ...rest } = await testTool(refund).edit(large, { ...large, amount: 60 });
    expect({ outcome, ...rest }).toEqual({ outcome: 'runs', args: { ...large, amount: 60 } });
  });

  it('edit that the schema refuses → asked again on the original arguments', async () => {
    expect(await testTool(refund).edit(large, { ...large, amount: -5 })).toMatchObject({
      outcome: 'asked-again',
      args: large,
      because: expect.stringMatching(/^The edit does not fit the tool: amount: /),
    });
  });

  it('edit that raises the risk → asked again on the edit', async () => {
    expect(await testTool(refund).edit(large, { ...large, amount: 5000 })).toEqual({
      outcome: 'asked-again',
      args: { ...large, amount: 5000 },
      because: 'The edit raises the risk from low to high.',
    });
  });

  it('edit that leaves a required argument out → asked again; with edits: merge it may', async () => {
    expect(await testTool(refund).edit(large, { amount: 60 })).toMatchObject({ outcome: 'asked-again' });
    const merging = defineTool({
      ...base,
      parameters: z.object({ text: z.string(), count: z.number() }),
      edits: 'merge',
    });
    expect(await testTool(merging).edit({ text: 'a', count: 1 }, { count: 2 })).toEqual({
      outcome: 'runs',
      args: { text: 'a', count: 2 },
    });
  });

  it('edit that the tool takes in another form → asked again on that form', async () => {
    const trimming = defineTool({ ...base, parameters: z.object({ text: z.string().trim() }) });
    expect(await testTool(trimming).edit({ text: 'a' }, { text: ' b ' })).toMatchObject({
      outcome: 'asked-again',
      args: { text: 'b' },
      because: expect.stringContaining('The tool takes other arguments'),
    });
  });
});

it('testTool: no tool of defineTool → TypeError that says what to do', () => {
  expect(() => testTool({ name: 'refund' } as never)).toThrow(/Wrap it: defineTool/);
});
