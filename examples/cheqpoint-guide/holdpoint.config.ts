import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { z } from 'zod';

/** As in the guide, the approval is the result. With `execute` and `effect`, Holdpoint also sends the mail, exactly once. */
const sendEmailBlast = defineTool({
  name: 'send_email_blast',
  description: 'Send one template to many recipients.',
  parameters: z.object({ template: z.string(), recipient_count: z.number().int(), subject: z.string() }),
  review: {
    summary: ({ recipient_count }) => `Assistant wants to send an email to ${recipient_count} recipients`,
    justification: 'Requested by user to notify customers of downtime.',
  },
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
