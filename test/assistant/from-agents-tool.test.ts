import { tool } from '@openai/agents';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkArguments } from '../../src/activities/arguments.ts';
import { Policy } from '../../src/activities/review-policy.ts';
import { defineAssistant, defineTool, fromAgentsTool, InvalidDefinition, type Tool } from '../../src/index.ts';
import type { JsonObject } from '@holdpoint/json';

/* With the tools of the real package. */

type Seen = { args: unknown; context: unknown; callId: string | undefined; signal: AbortSignal | undefined };
const parameters = z.object({
  order: z.string(),
  amount: z.number().positive(),
  note: z.string().nullable(),
  on: z.iso.date().nullable(),
  tags: z.array(z.enum(['a', 'b'])).nullable(),
});
const args = { order: 'A-17', amount: 80, note: null, on: '2026-11-22', tags: ['a'] };

/** A refund as in an existing program. Records the arguments of its function. */
function refund(more: object = {}) {
  const seen: Seen[] = [];
  const made = tool({
    name: 'refund',
    description: 'Pay a customer back.',
    parameters,
    errorFunction: null,
    needsApproval: async (_runContext, { amount }) => amount > 50,
    execute: async (given, runContext, details) => {
      seen.push({
        args: given,
        context: runContext?.context,
        callId: details?.toolCall?.callId,
        signal: details?.signal,
      });
      return { refunded: given.amount };
    },
    ...more,
  });
  return { made, seen };
}

const facts = (context: unknown = null) => ({
  idempotencyKey: 'first/1/0/call_1',
  signal: new AbortController().signal,
  run: { runId: 'r', assistant: 'a', context },
  context,
  attempt: 1,
});
const run = async (taken: Tool, given: unknown = args, context?: unknown): Promise<unknown> =>
  await taken.execute?.(given, facts(context));
const reviewed = (taken: Tool, given: JsonObject = args, context: unknown = null) =>
  new Policy(taken, { runId: 'r', assistant: 'a', context }).needsReview(given);

describe('a tool of @openai/agents', () => {
  it('name, description, parameters → the same for the model as with defineTool', () => {
    const taken = fromAgentsTool(refund().made, { effect: 'idempotent' });
    const ours = defineTool({
      name: 'refund',
      description: 'Pay a customer back.',
      parameters,
      effect: 'idempotent',
      review: 'always',
      execute: () => null,
    });
    expect(taken).toMatchObject({
      name: 'refund',
      description: 'Pay a customer back.',
      effect: 'idempotent',
      edits: 'replace',
      noteToModel: true,
      timeoutMs: 600_000,
    });
    expect(taken.parametersSchema).toEqual(ours.parametersSchema);
    expect(defineAssistant({ name: 'support', model: 'gpt-5', tools: [taken] }).tools).toEqual([taken]);
  });

  it('arguments → checked against its schema', async () => {
    const taken = fromAgentsTool(refund().made, { effect: 'at-most-once' });
    expect(await checkArguments(taken, args)).toEqual({ ok: true, args });
    expect(await checkArguments(taken, { ...args, amount: -1 })).toEqual({
      ok: false,
      path: 'amount',
      message: 'must be > 0',
    });
    expect(await checkArguments(taken, { ...args, tags: ['c'] })).toMatchObject({ ok: false, path: 'tags.0' });
    expect(await checkArguments(taken, { ...args, more: 1 })).toEqual({
      ok: false,
      path: 'more',
      message: 'is not known',
    });
    expect(await checkArguments(taken, { order: 'A-17' })).toEqual({
      ok: false,
      path: 'amount',
      message: 'is missing',
    });
  });

  it('execute → its function with context, call key and signal', async () => {
    const { made, seen } = refund();
    const taken = fromAgentsTool(made, { effect: 'idempotent' });
    expect(await run(taken, args, { user: 'ana' })).toEqual({ refunded: 80 });
    expect(seen).toEqual([
      { args, context: { user: 'ana' }, callId: 'first/1/0/call_1', signal: expect.any(AbortSignal) },
    ]);
  });

  it('plain JSON schema → accepted', async () => {
    const made = tool({
      name: 'ping',
      description: 'Pings.',
      strict: true,
      parameters: {
        type: 'object',
        properties: { host: { type: 'string' } },
        required: ['host'],
        additionalProperties: false,
      },
      errorFunction: null,
      execute: async (given) => given,
    });
    const taken = fromAgentsTool(made, { effect: 'at-most-once' });
    expect(await run(taken, { host: 'a' })).toEqual({ host: 'a' });
  });
});

describe('needsApproval', () => {
  it('function → called; true → always reviewed; absent → never', async () => {
    const taken = fromAgentsTool(refund().made, { effect: 'at-most-once' });
    expect([await reviewed(taken), await reviewed(taken, { ...args, amount: 20 })]).toEqual([true, false]);
    expect(await reviewed(fromAgentsTool(refund({ needsApproval: true }).made, { effect: 'at-most-once' }))).toBe(true);
    expect(await reviewed(fromAgentsTool(refund({ needsApproval: undefined }).made, { effect: 'at-most-once' }))).toBe(
      false,
    );
  });

  it('throws → reviewed', async () => {
    const throws = async () => {
      throw new Error('no idea');
    };
    expect(await reviewed(fromAgentsTool(refund({ needsApproval: throws }).made, { effect: 'at-most-once' }))).toBe(
      true,
    );
  });

  it("function → gets the run's context, can't change the arguments", async () => {
    const needsApproval = async (runContext: { context: { vip: boolean } }, given: { amount: number }) => {
      given.amount = 0;
      return !runContext.context.vip;
    };
    const taken = fromAgentsTool(refund({ needsApproval }).made, { effect: 'at-most-once' });
    expect([await reviewed(taken, args, { vip: true }), await reviewed(taken, args, { vip: false })]).toEqual([
      false,
      true,
    ]);
    expect(args.amount).toBe(80);
  });

  it('with a review policy → either asks for review; the policy words the request', async () => {
    const taken = fromAgentsTool(refund().made, {
      effect: 'at-most-once',
      review: { when: ({ order }) => order === 'B', summary: ({ order }) => `Refund ${order}`, expiresIn: '3 days' },
    });
    expect([
      await reviewed(taken),
      await reviewed(taken, { ...args, amount: 1 }),
      await reviewed(taken, { ...args, amount: 1, order: 'B' }),
    ]).toEqual([true, false, true]);
    expect(new Policy(taken, { runId: 'r', assistant: 'a', context: null }).summary(args)).toBe('Refund A-17');
    expect(
      await reviewed(
        fromAgentsTool(refund({ needsApproval: false }).made, { effect: 'at-most-once', review: 'always' }),
      ),
    ).toBe(true);
  });
});

describe('failure of a tool of @openai/agents', () => {
  it('of the function → thrown, handled by its effect', async () => {
    const fails = refund({
      execute: async () => {
        throw new Error('the bank is closed');
      },
    });
    await expect(run(fromAgentsTool(fails.made, { effect: 'at-most-once' }))).rejects.toThrow('the bank is closed');
  });

  it('errorFunction → refused before the function runs', async () => {
    for (const errorFunction of [undefined, () => 'It went wrong.']) {
      const { made, seen } = refund({ errorFunction });
      await expect(run(fromAgentsTool(made, { effect: 'at-most-once' }))).rejects.toMatchObject({
        name: 'NotExecuted',
        message: expect.stringContaining('errorFunction: null'),
      });
      expect(seen).toEqual([]);
    }
  });

  it('arguments refused by its zod schema only → final, the model is told', async () => {
    const { made, seen } = refund({
      parameters: parameters.refine(({ order }) => order.startsWith('A'), {
        path: ['order'],
        message: 'must begin with A',
      }),
    });
    await expect(
      run(fromAgentsTool(made, { effect: 'at-most-once' }), { ...args, order: 'B-1' }),
    ).rejects.toMatchObject({
      name: 'ToolFailed',
      message: 'its own schema refused the arguments',
    });
    expect(seen).toEqual([]);
  });

  it('isEnabled throws or returns false → before the function', async () => {
    const { made, seen } = refund({
      isEnabled: ({ runContext }: { runContext: { context: { on: boolean } } }) => runContext.context.on,
    });
    const taken = fromAgentsTool(made, { effect: 'at-most-once' });
    await expect(run(taken, args, { on: false })).rejects.toMatchObject({ name: 'ToolFailed' });
    await expect(run(taken, args, null)).rejects.toMatchObject({ name: 'NotExecuted' });
    expect(await run(taken, args, { on: true })).toEqual({ refunded: 80 });
    expect(seen).toHaveLength(1);
  });
});

describe('unsupported option of a tool of @openai/agents', () => {
  const raise = { timeoutMs: 1000, timeoutBehavior: 'raise_exception' as const };

  it.each<[string, object, object, string]>([
    ['no effect', {}, {}, 'effect is missing'],
    ['review: never', {}, { effect: 'at-most-once', review: 'never' }, "review must be 'always'"],
    ['an unknown option', {}, { effect: 'at-most-once', execute: () => null }, 'no option "execute"'],
    [
      'a time-out that answers like a result',
      { timeoutMs: 1000 },
      { effect: 'at-most-once' },
      "timeoutBehavior: 'raise_exception'",
    ],
    [
      'guardrails',
      { inputGuardrails: [{ name: 'g', run: async () => ({ behavior: { type: 'allow' } }) }] },
      { effect: 'at-most-once' },
      'guardrails',
    ],
    [
      'the reserved parameter',
      { parameters: z.object({ holdpoint: z.string() }) },
      { effect: 'at-most-once' },
      'reserved',
    ],
    ['no description', { description: '' }, { effect: 'at-most-once' }, 'description'],
  ])('%s', (_what, more, options, words) => {
    const { made } = refund(more);
    const take = () => fromAgentsTool(made, options as { effect: 'at-most-once' });
    expect(take).toThrow(InvalidDefinition);
    expect(take).toThrow(words);
  });

  it('strict: false, another kind of tool → refused', () => {
    const loose = tool({
      name: 'loose',
      description: 'x',
      strict: false,
      parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
      execute: async () => '',
    });
    expect(() => fromAgentsTool(loose, { effect: 'at-most-once' })).toThrow('strict');
    for (const odd of [null, undefined, {}, { type: 'hosted_tool', name: 'web_search' }, () => ''])
      expect(() => fromAgentsTool(odd as never, { effect: 'at-most-once' })).toThrow(InvalidDefinition);
  });

  it("timeout that throws → becomes the tool's timeout", async () => {
    expect(fromAgentsTool(refund(raise).made, { effect: 'at-most-once' }).timeoutMs).toBe(1000);
    expect(fromAgentsTool(refund(raise).made, { effect: 'at-most-once', timeout: '1 minute' }).timeoutMs).toBe(60_000);
  });
});
