import { defineAssistant, defineConfig } from 'holdpoint';
import { countRecipients } from '../examples/email-blast/tools/count-recipients.ts';
import { postAnnouncement } from '../examples/email-blast/tools/post-announcement.ts';
import { sendEmailBlast } from '../examples/email-blast/tools/send-email-blast.ts';

/** The example's assistant and tools, reached by the Assistants API. */
export default defineConfig({
  assistants: [
    defineAssistant({
      name: 'comms',
      api: 'assistants',
      model: 'gpt-5',
      instructions: 'You keep customers informed. Look up how many recipients a template has before you mail them.',
      tools: [sendEmailBlast, countRecipients, postAnnouncement],
    }),
  ],
});
