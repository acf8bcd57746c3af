import { defineTool } from 'holdpoint';
import { z } from 'zod';
import { mailer } from '../mailer.ts';

/** The announcement service has no idempotency keys. After an interrupted attempt, a person says whether it was posted. */
export const postAnnouncement = defineTool({
  name: 'post_announcement',
  description: 'Post a public announcement.',
  parameters: z.object({ title: z.string(), text: z.string() }),
  effect: 'at-most-once',
  review: { summary: ({ title }) => `Assistant wants to announce in public: ${title}`, risk: 'high' },
  execute: (args, { signal }) => mailer().postAnnouncement(args, { signal }),
});
