import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Tool } from '../../src/assistant/tool.ts';
import { defineAssistant, defineConfig, defineTool } from '../../src/index.ts';
import { recordEffects } from '../../src/testing/recorded-effects.ts';

const refund = defineTool({
  name: 'refund',
  description: 'Refunds a payment.',
  parameters: z.object({ amount: z.number() }),
  effect: 'idempotent',
  review: { when: ({ amount }) => amount > 50 },
  execute: ({ amount }) => ({ refunded: amount }),
});
const config = defineConfig({ assistants: [defineAssistant({ name: 'billing', model: 'gpt-5', tools: [refund] })] });

it.each([
  { call: 'reviewed call without an approval', amount: 80, approved: false, problems: 1 },
  { call: 'reviewed call with an approval', amount: 80, approved: true, problems: 0 },
  { call: 'call that needs no review', amount: 20, approved: false, problems: 0 },
])('recordEffects: $call → $problems problems', async ({ amount, approved, problems }) => {
  const found: string[] = [];
  const record = recordEffects(config, {
    isApproved: async () => approved,
    problem: (sentence) => void found.push(sentence),
  });
  const tool = record.config.assistants[0]?.tools[0] as Tool;
  await tool.execute?.(
    { amount },
    {
      idempotencyKey: 'key',
      signal: new AbortController().signal,
      attempt: 1,
      run: { runId: 'r1', assistant: 'billing', context: null },
      context: null,
    },
  );
  const sentence = 'refund {"amount":80} (run r1, 1 attempt, open) acted without an approval.';
  expect(found).toEqual(problems === 0 ? [] : [sentence]);
});
