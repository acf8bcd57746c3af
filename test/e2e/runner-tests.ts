/** The same tests of a user's tool, for each runner. `names` gives `before`, `beforeEach`, `afterEach`, `after`, `test` and `equal`. */
const testsFor = (names: string) => `${names}
import { createTestStack, recordHistories, replayAll, replayHistory, startOpenAIStandIn, testTool } from 'holdpoint/testing';
import { config, refund } from './billing.mjs';

let stack;
let began;
before(async () => {
  stack = await createTestStack({ config });
}, 60_000);
beforeEach(() => {
  began = performance.now();
});
afterEach(() => {
  console.log(\`one test took \${Math.round(performance.now() - began)} ms\`);
  stack.verify();
});
after(() => stack.close());

test('tool alone', async () => {
  const tested = testTool(refund);
  equal((await tested.review({ order: 'A', amount: 80 })).reviewed, true);
  equal((await tested.call({ order: 'A', amount: 20 })).result.refunded, 20);
  equal((await tested.edit({ order: 'A', amount: 80 }, { order: 'A', amount: 60 })).outcome, 'runs');
});
test('approved: acts once', async () => {
  stack.model.calls(refund, { order: 'A', amount: 80 }).answers('Refunded.');
  const run = await stack.start('Refund A', { id: 'approved' });
  stack.expectNoEffect();
  await stack.reviewer.approveNext();
  equal(await run.result(), 'Refunded.');
  stack.expectEffect(refund, { order: 'A', amount: 80 }).once();
});
test('edited: acts with the edit', async () => {
  stack.model.calls(refund, { order: 'B', amount: 90 }).answers('Less.');
  const run = await stack.start('Refund B');
  await stack.reviewer.editNext({ order: 'B', amount: 60 });
  equal(await run.result(), 'Less.');
  stack.expectEffect(refund, { order: 'B', amount: 60 }).once();
});
test('three days pass: does not act', async () => {
  stack.model.calls(refund, { order: 'C', amount: 90 }).answers('Nobody was there.');
  const run = await stack.start('Refund C');
  await stack.reviewer.next();
  await stack.skipTime('3 days');
  equal(await run.result(), 'Nobody was there.');
  stack.expectEffect(refund, { order: 'C', amount: 90 }).never();
});
test('worker crashes while the request waits: acts once', async () => {
  stack.model.calls(refund, { order: 'D', amount: 90 }).answers('Refunded.');
  const run = await stack.start('Refund D');
  await stack.reviewer.next();
  await stack.crashWorker();
  await stack.reviewer.approveNext();
  equal(await run.result(), 'Refunded.');
  stack.expectEffect(refund, { order: 'D', amount: 90 }).once();
});
test('histories: recorded and replayed', async () => {
  equal((await recordHistories(stack, 'recorded')).length, 4);
  equal((await replayAll('recorded')).length, 4);
  equal((await replayHistory('recorded/approved.json')).ok, true);
});
test('stand-in alone: has faults', async () => {
  const standIn = await startOpenAIStandIn();
  const fault = standIn.control.fault({ kind: 'rate_limit' });
  const { status } = await fetch(\`\${standIn.url}/responses\`, {
    method: 'POST',
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'any', input: 'Hello' }),
  });
  equal(status, 429);
  equal(fault.happened(), 1);
  await standIn.close();
});
`;

const billing = `import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { z } from 'zod';

export const refund = defineTool({
  name: 'refund',
  description: 'Pay a customer back.',
  parameters: z.object({ order: z.string(), amount: z.number() }),
  effect: 'idempotent',
  review: { when: ({ amount }) => amount > 50, expiresIn: '3 days' },
  execute: ({ amount }) => ({ refunded: amount }),
});
export const config = defineConfig({
  assistants: [defineAssistant({ name: 'support', model: 'gpt-5', tools: [refund] })],
});
`;

const withExpect = 'const equal = (is, wanted) => expect(is).toBe(wanted);';

/** Test runners: their packages, the files of a project in their own folder, the command, and the line of seven passed tests. */
export const runners = [
  {
    runner: 'vitest',
    packages: [],
    files: {
      'kit.test.mjs': testsFor(
        `import { afterAll as after, afterEach, beforeAll as before, beforeEach, expect, test } from 'vitest';\n${withExpect}`,
      ),
      'vitest.config.mjs': 'export default { test: { testTimeout: 60_000 } };\n',
    },
    command: ['npx', 'vitest', 'run', '--root', '.', '--disableConsoleIntercept'],
    passed: /Tests .*7 passed/,
  },
  {
    runner: 'jest',
    packages: ['jest@30'],
    files: {
      'kit.test.mjs': testsFor(`const [before, after] = [beforeAll, afterAll];\n${withExpect}`),
      'jest.config.mjs': "export default { testMatch: ['**/kit.test.mjs'], transform: {}, testTimeout: 60_000 };\n",
    },
    command: ['node', '--experimental-vm-modules', '../node_modules/jest/bin/jest.js'],
    passed: /Tests: +7 passed, 7 total/,
  },
  {
    runner: 'node:test',
    packages: [],
    files: {
      'kit.test.mjs': testsFor(
        "import { equal } from 'node:assert/strict';\nimport { after, afterEach, before as inNode, beforeEach, test } from 'node:test';\nconst before = (start) => inNode(start);",
      ),
    },
    command: ['node', '--test', 'kit.test.mjs'],
    passed: /pass 7\n.*fail 0\n/s,
  },
].map((each) => ({ ...each, files: { ...each.files, 'billing.mjs': billing } as Record<string, string> }));
