import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { defineAssistant, defineConfig, defineTool } from '../../src/index.ts';
import { RunCancelled } from '../../src/client.ts';
import { createTestStack, type TestStack } from '../../src/testing.ts';
import { oldKey } from '../support/payload-keys.ts';
import { until } from '../support/until.ts';

const held: Array<() => void> = [];
let holds = false;
const refund = defineTool({
  name: 'refund',
  description: 'Refunds a payment.',
  parameters: z.object({ payment: z.string(), amount: z.number().positive() }),
  effect: 'idempotent',
  review: { when: ({ amount }) => amount > 50, risk: 'high', expiresIn: '3 days' },
  execute: async ({ amount }) => {
    if (holds) await new Promise<void>((resolve) => held.push(resolve));
    return { refunded: amount };
  },
});
const lookUp = defineTool({
  name: 'look_up',
  description: 'Reads a payment.',
  parameters: z.object({ payment: z.string() }),
  effect: 'idempotent',
  review: 'never',
  execute: ({ payment }) => ({ payment, paid: 80 }),
});
const config = defineConfig({
  assistants: [defineAssistant({ name: 'billing', model: 'gpt-5', tools: [refund, lookUp] })],
});
const large = { payment: 'p1', amount: 80 };

describe('createTestStack', { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await createTestStack({ config });
  }, 120_000);
  afterEach(() => stack.verify());
  afterAll(() => stack.close());

  it('call that needs no person → runs at once', async () => {
    stack.model.calls(lookUp, { payment: 'p0' }).answers('It was paid.');
    const run = await stack.start('Was p0 paid?');
    expect(await run.result()).toBe('It was paid.');
    stack.expectEffect(lookUp, { payment: 'p0' }).once();
  });

  it('approved call → acts once, and the model answers', async () => {
    stack.model.calls(refund, large).answers('Refunded.');
    const run = await stack.start('Refund p1');
    expect(await stack.reviewer.next()).toMatchObject({ tool: 'refund', args: large, risk: 'high', kind: 'call' });
    stack.expectEffect(refund, large).never();
    expect(await stack.reviewer.approveNext({ note: 'Fine.' })).toMatchObject({ assistant: 'billing' });
    expect(await run.result()).toBe('Refunded.');
    stack.expectEffect(refund, large).once();
  });

  it('edited call → acts with the edit', async () => {
    stack.model.calls(refund, { payment: 'p2', amount: 90 }).answers('Less.');
    const run = await stack.start('Refund p2');
    await stack.reviewer.editNext({ payment: 'p2', amount: 60 });
    expect(await run.result()).toBe('Less.');
    stack.expectEffect(refund, { payment: 'p2', amount: 60 }).once();
    stack.expectEffect(refund, { payment: 'p2', amount: 90 }).never();
  });

  it('rejected call → does not act, and the model is told the note', async () => {
    stack.model.calls(refund, { payment: 'p3', amount: 90 }).answers('Sorry.');
    const run = await stack.start('Refund p3');
    await stack.reviewer.rejectNext('Too much.');
    expect(await run.result()).toBe('Sorry.');
    stack.expectEffect(refund, { payment: 'p3', amount: 90 }).never();
    const told = JSON.stringify(stack.standIn.requests().at(-1));
    expect(told).toContain("Security system denied this specific action. Reviewer's note: Too much.");
  });

  it('days pass → the request expires, and the run goes on', async () => {
    stack.model.calls(refund, { payment: 'p4', amount: 90 }).answers('Nobody was there.');
    const run = await stack.start('Refund p4');
    await stack.reviewer.next();
    await stack.skipTime('2 days');
    expect(await stack.reviewer.open()).toHaveLength(1);
    await stack.skipTime('2 days');
    expect(await run.result()).toBe('Nobody was there.');
    stack.expectEffect(refund, { payment: 'p4', amount: 90 }).never();
  });

  it('expireNext → the same for one request', async () => {
    stack.model.calls(refund, { payment: 'p5', amount: 90 }).answers('Expired.');
    const run = await stack.start('Refund p5');
    await stack.reviewer.expireNext({ tool: 'refund' });
    expect(await run.result()).toBe('Expired.');
  });

  it('worker that crashes while a request waits → the run continues in the next one', async () => {
    stack.model.calls(refund, { payment: 'p6', amount: 90 }).answers('Still here.');
    const run = await stack.start('Refund p6');
    await stack.reviewer.next();
    await stack.crashWorker();
    await stack.reviewer.approveNext();
    expect(await run.result()).toBe('Still here.');
    stack.expectEffect(refund, { payment: 'p6', amount: 90 }).once();
  });

  it('worker that crashes while the tool runs → a second attempt with the same key: one effect', async () => {
    holds = true;
    stack.model.calls(refund, { payment: 'p7', amount: 90 }).answers('Done at last.');
    const run = await stack.start('Refund p7');
    await stack.reviewer.approveNext();
    await until('the tool runs', async () => held.length > 0 || undefined);
    holds = false;
    await stack.crashWorker();
    for (const release of held.splice(0)) release();
    expect(await run.result()).toBe('Done at last.');
    stack.expectEffect(refund, { payment: 'p7', amount: 90 }).once();
    expect(stack.effects().at(-1)).toMatchObject({ attempts: 2, ended: 'returned' });
  });

  it('policy of the reviewer → decides each request by it', async () => {
    const stop = stack.reviewer.decides(({ args }) =>
      Number(args['amount']) > 500 ? { reject: { note: 'No.' } } : { approve: { edit: { ...args, amount: 70 } } },
    );
    stack.model
      .callsAll([
        { tool: refund, args: { payment: 'p8', amount: 600 } },
        { tool: refund, args: { payment: 'p9', amount: 100 } },
      ])
      .answers('Both decided.');
    const run = await stack.start('Refund both');
    expect(await run.result()).toBe('Both decided.');
    stop();
    stack.expectEffect(refund, { payment: 'p8', amount: 600 }).never();
    stack.expectEffect(refund, { payment: 'p9', amount: 70 }).once();
  });

  it('model that fails → the turn is asked again', async () => {
    const fault = stack.model.fails({ kind: 'server_error', match: { text: 'Try twice' } });
    stack.model.answers('Second time.');
    const run = await stack.start('Try twice');
    expect(await run.result()).toBe('Second time.');
    expect(fault.happened()).toBe(1);
  });

  it('standalone approval → decided like a call', async () => {
    const asked = await stack.client.approvals.request({
      action: 'deploy',
      summary: 'Deploy 1.2',
      details: { tag: '1.2' },
    });
    await stack.reviewer.approveNext({ tool: 'deploy' });
    expect(await asked.result()).toMatchObject({ outcome: 'approved', by: 'person' });
  });

  it('wrong expectation → an error that lists the effects', () => {
    expect(() => stack.expectEffect(refund, { payment: 'p1', amount: 1 }).once()).toThrow(
      /^refund \{"payment":"p1","amount":1\}: 0 effects instead of 1\. All effects: look_up \{"payment":"p0"\} \(run run-/,
    );
    expect(() => stack.expectNoEffect()).toThrow(/^any tool: \d+ effects instead of 0/);
  });

  it('misspelled argument of a call → refused by TypeScript', () => {
    // @ts-expect-error -- The argument is called amount.
    const misspelled = () => stack.model.calls(refund, { payment: 'p1', amuont: 1 });
    expect(misspelled).toBeTypeOf('function');
  });
});

it('two stages of groups → each person votes in turn, then the call acts', { timeout: 120_000 }, async () => {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    parameters: z.object({ amount: z.number() }),
    effect: 'at-most-once',
    review: { by: [{ group: 'finance', approvals: 2 }, { group: 'legal' }] },
    execute: () => 'paid',
  });
  const stack = await createTestStack({
    config: defineConfig({ assistants: [defineAssistant({ name: 'payments', model: 'gpt-5', tools: [pay] })] }),
    people: { rita: ['finance'], tom: ['finance'], lea: ['legal'] },
  });
  stack.model.calls(pay, { amount: 900 }).answers('Paid.');
  const run = await stack.start('Pay');
  await stack.person('rita').approveNext();
  expect(await stack.person('lea').open()).toEqual([]);
  await stack.person('tom').approveNext();
  stack.expectNoEffect();
  await stack.person('lea').approveNext();
  expect(await run.result()).toBe('Paid.');
  stack.expectEffect(pay, { amount: 900 }).once();
  expect(() => stack.person('nina')).toThrow(/no person "nina"/);
  await stack.close();
});

describe('createTestStack: problems that no test passes with', { timeout: 60_000 }, () => {
  it('turn that was not written → the result fails and says what to write', async () => {
    const stack = await createTestStack({ config });
    stack.model.calls(lookUp, { payment: 'p0' });
    const run = await stack.start('Look');
    await expect(run.result()).rejects.toThrow(/asked the model for turn 2, and only 1 were written\. Write one more/);
    await stack.close();
  });

  it('policy that throws → close fails with its message', async () => {
    const stack = await createTestStack({ config });
    stack.reviewer.decides(() => {
      throw new Error('no such rule');
    });
    stack.model.calls(refund, large).answers('Never.');
    await stack.start('Refund p1');
    await until('the policy has failed', async () => {
      try {
        stack.verify();
        return undefined;
      } catch (error) {
        return String(error);
      }
    }).then((said) => expect(said).toContain('The policy of reviewer.decides failed: no such rule'));
    await stack.close();
  });

  it('no request → an error that says what the runs do', async () => {
    const stack = await createTestStack({ config, patienceMs: 300 });
    await expect(stack.reviewer.approveNext()).rejects.toThrow(
      'A request did not come within 0.3 seconds. No run was started.',
    );
    stack.model.answers('Nothing to do.');
    const run = await stack.start('Hello');
    await run.result();
    await expect(stack.reviewer.approveNext({ tool: 'refund' })).rejects.toThrow(
      `A request for refund did not come within 0.3 seconds. Runs: ${run.id} is completed.`,
    );
    await stack.close();
  });

  it('cancelled run → its request is withdrawn, result throws RunCancelled', async () => {
    const stack = await createTestStack({ config });
    stack.model.calls(refund, large).answers('Never.');
    const run = await stack.start('Refund p1');
    await stack.reviewer.next();
    await run.cancel();
    await expect(run.result()).rejects.toBeInstanceOf(RunCancelled);
    expect(await stack.reviewer.open()).toEqual([]);
    stack.expectNoEffect();
    await stack.close();
  });

  it('several assistants, no name → TypeError that lists them', async () => {
    const two = defineConfig({
      assistants: ['a', 'b'].map((name) => defineAssistant({ name, model: 'gpt-5', tools: [lookUp] })),
    });
    const stack = await createTestStack({ config: two });
    await expect(stack.start('Hello')).rejects.toThrow(/several assistants: a, b\. Write start\(input, \{ assistant/);
    stack.model.answers('Hello from b.');
    expect(await (await stack.start('Hello', { assistant: 'b' })).result()).toBe('Hello from b.');
    await stack.close();
  });

  it('no config of defineConfig → TypeError', async () => {
    await expect(createTestStack({ config: { assistants: [] } as never })).rejects.toThrow(/result of defineConfig/);
  });
});

describe('createTestStack with payload keys', { timeout: 60_000 }, () => {
  it('reviewed run → as without keys, and its history is encrypted', async () => {
    const encryption = { keys: [oldKey] };
    const stack = await createTestStack({ config, encryption });
    onTestFinished(() => stack.close());
    stack.model.calls(refund, large).answers('Refunded.');
    const run = await stack.start('Refund p1');
    await stack.reviewer.approveNext();
    expect(await run.result()).toBe('Refunded.');
    const history = JSON.stringify(await stack.client.runs.history(run.id));
    expect(history).toContain('holdpoint-key-id');
    expect(history).not.toContain(Buffer.from('Refund p1').toString('base64').slice(0, 10));
  });
});
