import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { z } from 'zod';
import { mailer } from '../../examples/email-blast/mailer.ts';

/** The example's mail. Two people of `comms` approve it, then one of `legal`. */
const sendEmailBlast = defineTool({
  name: 'send_email_blast',
  description: 'Send one template to many recipients.',
  parameters: z.object({ template: z.string(), recipient_count: z.number().int().positive(), subject: z.string() }),
  effect: 'idempotent',
  review: {
    by: [
      { group: 'comms', approvals: 2 },
      { group: 'legal', approvals: 1 },
    ],
    summary: ({ recipient_count }) => `Assistant wants to send an email to ${recipient_count} recipients`,
    risk: 'medium',
    justification: 'Requested by user to notify customers of downtime.',
    context: (_args, run) => ({ requestedBy: run.context?.user ?? 'unknown' }),
    expiresIn: '3 days',
  },
  execute: (args, { idempotencyKey, signal }) => mailer().sendBlast(args, { idempotencyKey, signal }),
});

export default defineConfig({
  assistants: [
    defineAssistant({
      name: 'comms',
      model: 'gpt-5',
      instructions: 'You keep customers informed.',
      tools: [sendEmailBlast],
    }),
  ],
});
