import { defineTool } from 'holdpoint';
import { z } from 'zod';
import { mailer } from '../mailer.ts';

/** The announcement service knows no idempotency keys: when an attempt breaks off, a person says whether it happened. */
export const postAnnouncement = defineTool({
  name: 'post_announcement',
  description: 'Post a public announcement.',
  parameters: z.object({ title: z.string(), text: z.string() }),
  effect: 'at-most-once',
  review: { summary: ({ title }) => `Assistant wants to announce in public: ${title}`, risk: 'high' },
  execute: (args, { signal }) => mailer().postAnnouncement(args, { signal }),
});
