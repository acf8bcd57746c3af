import { CheqpointClient } from '@cheqpoint/sdk';
import OpenAI from 'openai';

const openai = new OpenAI();
const cheqpoint = new CheqpointClient({
  apiKey: process.env['CHEQPOINT_CONNECTION_KEY'],
  baseUrl: process.env['CHEQPOINT_BASE_URL'],
});

/** The output of one call for the model. The risky tool needs a person's approval. */
async function outputOf({ name, arguments: text }: { name: string; arguments: string }): Promise<string> {
  if (name !== 'send_email_blast') return JSON.stringify({ error: `There is no tool "${name}".` });
  const details = JSON.parse(text) as { recipient_count: number };
  const { status, modifiedDetails } = await cheqpoint.requestSync({
    action: name,
    summary: `Assistant wants to send an email to ${details.recipient_count} recipients`,
    details,
    justification: 'Requested by user to notify customers of downtime.',
    timeoutMs: 30_000,
  });
  // Send the mail here, with the approved details.
  return status === 'approved'
    ? JSON.stringify({ success: true, ...modifiedDetails })
    : 'Security system denied this specific action.';
}

const assistant = await openai.beta.assistants.create({
  model: 'gpt-5',
  instructions: 'You keep customers informed.',
  tools: [
    {
      type: 'function',
      function: {
        name: 'send_email_blast',
        description: 'Send one template to many recipients.',
        parameters: {
          type: 'object',
          properties: {
            template: { type: 'string' },
            recipient_count: { type: 'integer' },
            subject: { type: 'string' },
          },
          required: ['template', 'recipient_count', 'subject'],
        },
      },
    },
  ],
});
const { id: thread_id } = await openai.beta.threads.create({
  messages: [{ role: 'user', content: process.argv[2] ?? 'Tell all customers about the downtime.' }],
});

const pace = { pollIntervalMs: 500 };
let run = await openai.beta.threads.runs.createAndPoll(thread_id, { assistant_id: assistant.id }, pace);
while (run.status === 'requires_action' && run.required_action) {
  const tool_outputs: Array<{ tool_call_id: string; output: string }> = [];
  for (const call of run.required_action.submit_tool_outputs.tool_calls)
    tool_outputs.push({ tool_call_id: call.id, output: await outputOf(call.function) });
  run = await openai.beta.threads.runs.submitToolOutputsAndPoll(run.id, { thread_id, tool_outputs }, pace);
}
if (run.status !== 'completed') throw new Error(`The run ended as ${run.status}.`);

const [answer] = (await openai.beta.threads.messages.list(thread_id, { run_id: run.id })).data;
for (const part of answer?.content ?? []) if (part.type === 'text') console.log(part.text.value);
