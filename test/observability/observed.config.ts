import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { z } from 'zod';

/* The config of the observed worker: a tool for each way in which a call can go. */

const parameters = z.object({ to: z.string(), count: z.number() });
const description = 'Sends mails.';
const sent = ({ count }: { count: number }) => ({ sent: count });
const began = new Set<string>();

export default defineConfig({
  assistants: [
    defineAssistant({
      name: 'mailer',
      model: 'gpt-5',
      tools: [
        defineTool({ name: 'send', description, parameters, effect: 'idempotent', review: 'always', execute: sent }),
        defineTool({
          name: 'send_soon',
          description,
          parameters,
          effect: 'idempotent',
          review: { expiresIn: '1 s' },
          execute: sent,
        }),
        defineTool({
          name: 'send_at_second_try',
          description,
          parameters,
          effect: 'idempotent',
          review: 'never',
          execute(args, { idempotencyKey }) {
            if (began.has(idempotencyKey)) return sent(args);
            began.add(idempotencyKey);
            throw new Error('The first attempt fails.');
          },
        }),
        defineTool({
          name: 'send_and_lose',
          description,
          parameters,
          effect: 'at-most-once',
          review: 'never',
          execute() {
            throw new Error('The connection was lost.');
          },
        }),
      ],
    }),
  ],
  prices: { 'gpt-5': { input: 1.25, cachedInput: 0.125, output: 10 } },
  currency: 'USD',
});
