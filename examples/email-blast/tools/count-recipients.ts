import { defineTool } from 'holdpoint';
import { z } from 'zod';
import { mailer } from '../mailer.ts';

/** Low risk: it only reads, so it needs no approval. */
export const countRecipients = defineTool({
  name: 'count_recipients',
  description: 'How many people would get a template.',
  parameters: z.object({ template: z.string() }),
  effect: 'idempotent',
  review: 'never',
  execute: ({ template }, { signal }) => mailer().countRecipients(template, { signal }),
});
