import { appendFileSync } from 'node:fs';
import { defineAssistant, defineConfig, defineTool } from 'holdpoint';
import { z } from 'zod';

/* The config of workers of two builds. Each act is a line in a file, with the build of its worker. */
const build = process.env['HOLDPOINT_BUILD_ID'];
const sendMail = defineTool({
  name: 'send_mail',
  description: 'Sends mail.',
  parameters: z.object({ to: z.string() }),
  effect: 'idempotent',
  review: 'always',
  execute: ({ to }, { idempotencyKey: key }) => {
    appendFileSync(process.env['ACTS_FILE']!, `${JSON.stringify({ to, key, build })}\n`);
    return { sent: true };
  },
});

export default defineConfig({
  assistants: [defineAssistant({ name: 'mailer', model: 'gpt-5', tools: [sendMail] })],
});
