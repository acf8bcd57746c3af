import { defineAssistant, defineConfig } from 'holdpoint';
import { countRecipients } from './tools/count-recipients.ts';
import { postAnnouncement } from './tools/post-announcement.ts';
import { sendEmailBlast } from './tools/send-email-blast.ts';

export default defineConfig({
  assistants: [
    defineAssistant({
      name: 'comms',
      api: 'responses',
      model: 'gpt-5',
      instructions: 'You keep customers informed. Look up how many recipients a template has before you mail them.',
      tools: [sendEmailBlast, countRecipients, postAnnouncement],
    }),
  ],
});
