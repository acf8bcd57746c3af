import { defineTool } from 'holdpoint';
import { z } from 'zod';
import { mailer } from '../mailer.ts';

/** Risky: mail to more than 50 recipients needs a person's approval. */
export const sendEmailBlast = defineTool({
  name: 'send_email_blast',
  description: 'Send one template to many recipients.',
  parameters: z.object({ template: z.string(), recipient_count: z.number().int().positive(), subject: z.string() }),
  // The mail service honours idempotency keys, so Holdpoint may repeat an interrupted attempt.
  effect: 'idempotent',
  review: {
    when: ({ recipient_count }) => recipient_count > 50,
    summary: ({ recipient_count }) => `Assistant wants to send an email to ${recipient_count} recipients`,
    risk: ({ recipient_count }) => (recipient_count > 1000 ? 'high' : 'medium'),
    justification: 'Requested by user to notify customers of downtime.',
    context: (_args, run) => ({ requestedBy: run.context?.user ?? 'unknown' }),
    expiresIn: '3 days',
  },
  execute: (args, { idempotencyKey, signal }) => mailer().sendBlast(args, { idempotencyKey, signal }),
});
