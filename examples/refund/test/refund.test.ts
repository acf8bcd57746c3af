import { createTestStack, testTool, type TestStack } from 'holdpoint/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import config from '../holdpoint.config.ts';
import { refund } from '../tools/refund.ts';

// The whole product in this process, with a scripted model and a scripted reviewer. The first start takes seconds.
let stack: TestStack;
beforeAll(async () => {
  stack = await createTestStack({ config });
}, 120_000);
// Fails a test in which a reviewed call acted without an approval.
afterEach(() => stack.verify());
afterAll(() => stack.close());

it('small refund → no person is asked', async () => {
  expect((await testTool(refund).review({ order: 'A-17', amount: 20 })).reviewed).toBe(false);
});

it('approved refund → pays once', async () => {
  stack.model.calls(refund, { order: 'A-17', amount: 80 }).answers('Refunded.');
  const run = await stack.start('Refund order A-17.');
  await stack.reviewer.approveNext();
  expect(await run.result()).toBe('Refunded.');
  stack.expectEffect(refund, { order: 'A-17', amount: 80 }).once();
}, 30_000);

it('rejected refund → pays nothing', async () => {
  stack.model.calls(refund, { order: 'B-20', amount: 90 }).answers('It was not approved.');
  const run = await stack.start('Refund order B-20.');
  await stack.reviewer.rejectNext('The order was delivered.');
  expect(await run.result()).toBe('It was not approved.');
  stack.expectEffect(refund, { order: 'B-20', amount: 90 }).never();
}, 30_000);
