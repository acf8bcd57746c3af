import { latestUserText } from '../item.ts';
import { answeredCalls, finalAnswer, narrate } from './narrate.ts';
import type { ScriptFunction } from './script.ts';

const blastTool = 'send_email_blast';
const aboutMail = /\b(customers?|downtime|e-?mails?|send_email_blast)\b/i;

/** The scenario of Cheqpoint's guide: an assistant e-mails 500 customers about a maintenance window. */
export const emailBlast: ScriptFunction = {
  name: 'email blast',
  reply({ items, tools, toolChoice }) {
    if (!aboutMail.test(latestUserText(items)) || !tools.some(({ name }) => name === blastTool)) return undefined;
    const answered = answeredCalls(items);
    if (answered.some(({ name }) => name !== blastTool)) return undefined;
    const first = answered[0];
    if (first !== undefined)
      return { text: finalAnswer([narrate(first, 'The email blast was sent', 'The email blast was not sent')]) };
    if (toolChoice === 'none') return undefined;
    return {
      reasoning: '',
      text: 'I will tell the customers about the system maintenance by email.',
      calls: [
        {
          name: blastTool,
          arguments: { template: 'weekly_update', recipient_count: 500, subject: 'System Maintenance' },
        },
      ],
    };
  },
};
