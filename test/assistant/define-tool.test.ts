import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { InvalidDefinition, defineTool } from '../../src/index.ts';
import type { ExecutingTool, RunFacts } from '../../src/index.ts';

const parameters = z.object({ amount: z.number().int().positive() });
const refund = {
  name: 'refund',
  description: 'Refund a payment.',
  parameters,
  effect: 'at-most-once',
  review: 'always',
  execute: () => 'done',
} satisfies ExecutingTool<typeof parameters>;

describe("defineTool: effect: 'once', the old name of 'at-most-once'", () => {
  it('accepted → one deprecation warning that names the tool', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const old = { ...refund, name: 'old_refund', effect: 'once' } as const;
    expect(defineTool(old).effect).toBe('at-most-once');
    expect(defineTool(old).effect).toBe('at-most-once');
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('"old_refund"'), { type: 'DeprecationWarning', code: 'HOLDPOINT_EFFECT_ONCE' }],
    ]);
    warn.mockRestore();
  });
  it('either name → the definition digest of the first release', () => {
    const digest = '98c0f150fff020d96bf1a3e7c37f2c10e8baa17bf8a6f081e0cf040a4ecad0ed';
    expect(defineTool({ ...refund, effect: 'once' }).definition).toBe(digest);
    expect(defineTool(refund).definition).toBe(digest);
    expect(defineTool({ ...refund, effect: 'idempotent' }).definition).not.toBe(digest);
  });
});

describe("defineTool: the guide's tool", () => {
  const sent: unknown[] = [];
  const tool = defineTool({
    name: 'send_email_blast',
    description: 'Send one template to many recipients.',
    parameters: z.object({ template: z.string(), recipient_count: z.number().int().positive(), subject: z.string() }),
    effect: 'idempotent',
    review: {
      when: ({ recipient_count }) => recipient_count > 50,
      summary: ({ recipient_count }) => `Assistant wants to send an email to ${recipient_count} recipients`,
      risk: ({ recipient_count }) => (recipient_count > 1000 ? 'high' : 'medium'),
      justification: 'Requested by user to notify customers of downtime.',
      context: (_args, run) => ({ requestedBy: run.context.user }),
      expiresIn: '3 days',
      onExpiry: 'tell-model',
    },
    execute: (args, { idempotencyKey, signal, context }) => {
      sent.push([args.template.toUpperCase(), idempotencyKey, signal.aborted, context.user]);
    },
  });

  it('no options → the defaults', () => {
    expect(tool).toMatchObject({ effect: 'idempotent', edits: 'replace', noteToModel: true, timeoutMs: 600_000 });
    expect(tool.definition).toMatch(/^[0-9a-f]{64}$/);
  });
  it('parameters → a strict schema for the model', () => {
    expect(tool.parametersSchema).toEqual({
      type: 'object',
      properties: {
        template: { type: 'string' },
        recipient_count: { type: 'integer', exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER },
        subject: { type: 'string' },
      },
      required: ['template', 'recipient_count', 'subject'],
      additionalProperties: false,
    });
  });
  it('result → frozen', () => {
    expect(Object.isFrozen(tool)).toBe(true);
    expect(Object.isFrozen(tool.review)).toBe(true);
    expect(Object.isFrozen(tool.parametersSchema['properties'])).toBe(true);
  });
  it('annotated run parameter → typed context', () => {
    const annotated = defineTool({
      ...refund,
      review: { context: (_args, run: RunFacts<{ user: string }>) => run.context.user.length },
    });
    expect(annotated.review).toHaveProperty('context');
  });
});

it('defineTool: no execute → always reviewed, no effect', () => {
  const { name, description } = refund;
  expect(defineTool({ name, description, parameters })).toMatchObject({
    effect: 'none',
    review: 'always',
    execute: null,
  });
  expect(
    defineTool({ name, description, parameters, review: { summary: ({ amount }) => `${amount}` } }).review,
  ).toHaveProperty('summary');
});

const without = (option: string) => Object.fromEntries(Object.entries(refund).filter(([name]) => name !== option));

describe('defineTool: invalid definition', () => {
  it.each([
    [{ ...refund, name: 'send mail' }, 'Tool "send mail": name must be 1 to 64 letters'],
    [{ ...refund, name: 'x'.repeat(65) }, 'name must be 1 to 64'],
    [{ ...refund, description: ' ' }, 'Tool "refund": description must be a text that is not empty'],
    [without('effect'), 'Tool "refund": effect is missing'],
    [{ ...refund, effect: 'twice' }, `effect must be 'idempotent' or 'at-most-once', not "twice"`],
    [without('review'), 'Tool "refund": review is missing'],
    [{ ...refund, review: 'sometimes' }, `review must be 'always' or 'never', not "sometimes"`],
    [{ ...refund, review: null }, 'review must be an object'],
    [{ ...refund, review: { whn: () => true } }, 'review has no option "whn"'],
    [{ ...refund, review: { expires_in: '3 days' } }, 'did you mean "expiresIn"?'],
    [{ ...refund, review: { when: true } }, 'review.when must be a function of the arguments and the run, not true'],
    [
      { ...refund, review: { risk: 'huge' } },
      `review.risk must be 'low' or 'medium' or 'high' or 'critical', not "huge"`,
    ],
    [{ ...refund, review: { summary: '' } }, 'review.summary must be a text'],
    [{ ...refund, review: { expiresIn: '3 dais' } }, 'review.expiresIn must be a time span above zero'],
    [{ ...refund, review: { expiresIn: 0 } }, 'not 0'],
    [{ ...refund, review: { onExpiry: 'fail-run' } }, 'review.onExpiry has no effect without review.expiresIn'],
    [
      { ...refund, review: { expiresIn: '1 day', onExpiry: 'explode' } },
      `review.onExpiry must be 'tell-model' or 'fail-run'`,
    ],
    [{ ...refund, execute: 'done' }, 'execute must be a function'],
    [{ ...refund, timeout: '25 days' }, 'timeout must be at most 24 days, not "25 days". Let the tool start the work'],
    [{ ...refund, timeout: 2 ** 31 }, 'timeout must be at most 24 days'],
    [
      { ...refund, review: { expiresIn: '9000 years' } },
      'review.expiresIn must be at most ten years (3650 days), not "9000 years". Leave expiresIn out',
    ],
    [{ ...refund, timeout: 'soon' }, 'timeout must be a time span above zero'],
    [{ ...refund, timeout: Number.POSITIVE_INFINITY }, 'timeout must be a time span'],
    [{ ...refund, edits: 'mix' }, `edits must be 'replace' or 'merge'`],
    [{ ...refund, noteToModel: 'no' }, 'noteToModel must be true or false'],
    [{ ...refund, risk: 'high' }, 'risk is an option of review. Write review: { risk: … }.'],
    [{ ...refund, needsApproval: true }, 'the definition has no option "needsApproval"'],
    [{ ...without('execute'), review: undefined }, 'effect needs execute'],
    [{ ...without('execute'), effect: undefined, review: 'never' }, 'without execute a tool is always reviewed'],
    [{ ...without('execute'), effect: undefined, review: { when: () => true } }, 'leave review.when out'],
    [{ ...refund, parameters: { type: 'object' } }, 'parameters must be a z.object of zod 4'],
    [{ ...refund, parameters: z.string() }, 'parameters must be a z.object, not a zod string'],
    [{ ...refund, parameters: z.union([parameters, parameters]) }, 'not a zod union'],
    [{ ...refund, parameters: parameters.transform((value) => value) }, 'not a zod pipe'],
    [{ ...refund, parameters: z.object({ holdpoint: z.string() }) }, 'parameters.holdpoint: this name is reserved'],
    [undefined, 'the definition must be an object'],
  ])('%#: %s', (definition, message) => {
    expect(() => defineTool(definition as never)).toThrow(InvalidDefinition);
    expect(() => defineTool(definition as never)).toThrow(message);
  });
});

describe('definition digest', () => {
  const digest = (change: object) => defineTool({ ...refund, ...change }).definition;
  it.each([
    ['another description', { description: 'Other words.' }],
    ['a described parameter', { parameters: z.object({ amount: z.number().int().positive().describe('In cents') }) }],
    ['another policy', { review: 'never' }],
  ])('%s → unchanged', (_name, change) => expect(digest(change)).toBe(digest({})));
  it('another order of properties → unchanged', () => {
    const one = { parameters: z.object({ a: z.string(), description: z.string() }) };
    const other = { parameters: z.object({ description: z.string(), a: z.string() }) };
    expect(digest(one)).toBe(digest(other));
  });
  it.each([
    ['another name', { name: 'refund_all' }],
    ['another effect', { effect: 'idempotent' }],
    ['another parameter', { parameters: z.object({ cents: z.number() }) }],
    ['another limit', { parameters: z.object({ amount: z.number().int().positive().max(5) }) }],
    ['a parameter that is called description', { parameters: parameters.extend({ description: z.string() }) }],
  ])('%s → changed', (_name, change) => expect(digest(change)).not.toBe(digest({})));
});

it.each([10n, Object.assign([], { toJSON: () => 10n })])('name without JSON → InvalidDefinition', (name) =>
  expect(() => defineTool({ ...refund, name: name as never })).toThrow(InvalidDefinition),
);
