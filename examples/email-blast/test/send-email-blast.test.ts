import { createTestStack, testTool, type TestStack } from 'holdpoint/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import config from '../holdpoint.config.ts';
import { sendEmailBlast } from '../tools/send-email-blast.ts';

const blast = { template: 'downtime', recipient_count: 500, subject: 'Downtime' };

// The whole product in this process, with a scripted model and a scripted reviewer. The first start takes seconds.
// Without MAIL_SERVICE_URL the mailer prints its calls and sends nothing.
let stack: TestStack;
beforeAll(async () => {
  stack = await createTestStack({ config });
}, 120_000);
// Fails a test in which a reviewed call acted without an approval.
afterEach(() => stack.verify());
afterAll(() => stack.close());

it('50 recipients → no person is asked', async () => {
  expect((await testTool(sendEmailBlast).review({ ...blast, recipient_count: 50 })).reviewed).toBe(false);
});

it('edited mail → goes to the recipients of the edit', async () => {
  stack.model.calls(sendEmailBlast, blast).answers('Sent to fewer people.');
  const run = await stack.start('Tell all customers about the downtime.');
  await stack.reviewer.editNext({ ...blast, recipient_count: 120 });
  expect(await run.result()).toBe('Sent to fewer people.');
  stack.expectEffect(sendEmailBlast, { ...blast, recipient_count: 120 }).once();
}, 30_000);
