import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { answer, callOf, startForTest } from './start-for-test.ts';

const sendEmailBlast: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'send_email_blast',
  strict: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['template', 'recipient_count', 'subject'],
    properties: { template: { type: 'string' }, recipient_count: { type: 'integer' }, subject: { type: 'string' } },
  },
};
const request = { model: 'gpt-5', tools: [sendEmailBlast], store: true };

describe("the guide's scenario", () => {
  it.each([
    'Tell all customers about the downtime.',
    'Send an EMAIL to everyone.',
    'Use send_email_blast.',
    'We have downtime tonight',
  ])('"%s" → asks for the blast', async (input) => {
    const { openai } = await startForTest();
    const response = await openai.responses.create({ ...request, input });
    const call = callOf(response);
    expect(response.status).toBe('completed');
    expect(call.name).toBe('send_email_blast');
    expect(JSON.parse(call.arguments)).toEqual({
      template: 'weekly_update',
      recipient_count: 500,
      subject: 'System Maintenance',
    });
  });

  it.each([
    ['a success', 'queued as blast-17', ['The email blast was sent.', 'queued as blast-17']],
    [
      'a denial',
      "Security system denied this specific action. Reviewer's note: not on a Friday",
      ['The email blast was not sent', 'not on a Friday'],
    ],
    [
      'an expiry',
      'Nobody decided on this action in time. It was not carried out.',
      ['The email blast was not sent', 'Nobody decided'],
    ],
    [
      'an edit',
      '{"result":"sent","changedByReviewer":{"recipient_count":{"from":500,"to":50}},"reviewerNote":"Only the pilot group."}',
      ['recipient_count 500 → 50', 'Only the pilot group.'],
    ],
    [
      "the guide's own form of an edit",
      '{"success":true,"template":"weekly_update","recipient_count":20,"subject":"System Maintenance"}',
      ['recipient_count 500 → 20'],
    ],
  ])('%s → in the final text', async (_case, output, parts) => {
    const { openai } = await startForTest();
    const first = await openai.responses.create({ ...request, input: 'Tell all customers about the downtime.' });
    const second = await openai.responses.create({
      ...request,
      previous_response_id: first.id,
      input: [answer(callOf(first), output)],
    });
    for (const part of parts) expect(second.output_text).toContain(part);
    expect(second.output_text).toMatch(/\(This answer comes from Holdpoint's stand-in for the model\.\)$/);
    expect(second.previous_response_id).toBe(first.id);
  });
});
