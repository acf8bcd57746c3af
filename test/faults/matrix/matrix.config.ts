import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { z } from 'zod';

/* The config of the matrix's workers. Each tool sends to the effect service, which is another process. */

const parameters = z.object({ item: z.string(), amount: z.number() });

async function send(
  args: z.output<typeof parameters>,
  { idempotencyKey, signal }: { idempotencyKey: string; signal: AbortSignal },
  honoured: boolean,
): Promise<unknown> {
  const answer = await fetch(`${process.env['FAULTS_EFFECTS_URL']}/blasts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(honoured && { 'idempotency-key': idempotencyKey }) },
    body: JSON.stringify({ ...args, key: idempotencyKey }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(4000)]),
  });
  if (!answer.ok) throw new Error(`The effect service answered ${answer.status}.`);
  return await answer.json();
}

const description = 'Sends an item.';
const summary = ({ item }: { item: string }) => item;

export default defineConfig({
  assistants: [
    defineAssistant({
      name: 'matrix',
      api: 'responses',
      model: 'gpt-5',
      tools: [
        defineTool({
          name: 'send_idempotent',
          description,
          parameters,
          effect: 'idempotent',
          review: { summary },
          execute: (args, run) => send(args, run, true),
        }),
        defineTool({
          name: 'send_at_most_once',
          description,
          parameters,
          effect: 'at-most-once',
          review: { summary },
          execute: (args, run) => send(args, run, false),
        }),
        defineTool({
          name: 'send_idempotent_in_time',
          description,
          parameters,
          effect: 'idempotent',
          review: { summary, expiresIn: '30 minutes' },
          execute: (args, run) => send(args, run, true),
        }),
        defineTool({
          name: 'send_at_most_once_in_time',
          description,
          parameters,
          effect: 'at-most-once',
          review: { summary, expiresIn: '30 minutes' },
          execute: (args, run) => send(args, run, false),
        }),
      ],
    }),
  ],
});
