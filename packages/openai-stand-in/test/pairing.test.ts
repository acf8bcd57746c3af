import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { answer, apiErrorOf, callOf, callsOf, startForTest, tool } from './start-for-test.ts';

type Input = OpenAI.Responses.ResponseInput;
const tools = [tool('refund', 'order')];
const request = { model: 'gpt-4.1', tools };
const call = (callId: string): Input[number] => ({
  type: 'function_call',
  call_id: callId,
  name: 'refund',
  arguments: '{}',
});
const output = (callId: string): Input[number] => ({ type: 'function_call_output', call_id: callId, output: 'ok' });
const user: Input[number] = { role: 'user', content: 'hello' };
const unanswered = (callId: string) => `400 No tool output found for function call ${callId}.`;
const uncalled = (callId: string) => `400 No tool call found for function call output with call_id ${callId}.`;

describe('pairing of calls and outputs', () => {
  it.each<[string, Input]>([
    ['a call and its output', [user, call('call_a'), output('call_a')]],
    ['two calls, outputs in another order', [user, call('call_a'), call('call_b'), output('call_b'), output('call_a')]],
    [
      'an id used again once it was answered',
      [user, call('call_a'), output('call_a'), call('call_a'), output('call_a')],
    ],
  ])('accepted in one input: %s', async (_case, input) => {
    const { openai } = await startForTest();
    expect((await openai.responses.create({ ...request, input })).status).toBe('completed');
  });

  it.each<[string, Input, string]>([
    ['a call without an output', [user, call('call_a')], unanswered('call_a')],
    ['one of two unanswered', [user, call('call_a'), call('call_b'), output('call_a')], unanswered('call_b')],
    ['an output without a call', [user, output('call_x')], uncalled('call_x')],
    ['an output twice', [user, call('call_a'), output('call_a'), output('call_a')], uncalled('call_a')],
    ['an output before its call', [user, output('call_a'), call('call_a')], uncalled('call_a')],
    ['the same call twice', [user, call('call_a'), call('call_a'), output('call_a')], uncalled('call_a')],
  ])('refused in one input: %s', async (_case, input, message) => {
    const { openai } = await startForTest();
    expect(await apiErrorOf(openai.responses.create({ ...request, input }))).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      code: null,
      param: 'input',
      message,
    });
  });

  it.each<[string, (callIds: readonly string[]) => Input, (callIds: readonly string[]) => string]>([
    ['a new message while calls are open', () => [user], ([first]) => unanswered(String(first))],
    ['one of two outputs', ([first]) => [output(String(first))], ([, second]) => unanswered(String(second))],
    [
      'an output of another call',
      ([first, second]) => [output(String(first)), output(String(second)), output('call_other')],
      () => uncalled('call_other'),
    ],
    [
      'an output twice',
      ([first, second]) => [output(String(first)), output(String(second)), output(String(first))],
      ([first]) => uncalled(String(first)),
    ],
  ])('chained to a parent: %s', async (_case, input, message) => {
    const { openai } = await startForTest();
    const parent = await openai.responses.create({ ...request, input: 'call refund {} call refund {}' });
    const callIds = callsOf(parent).map(({ call_id: id }) => id);
    expect(
      (
        await apiErrorOf(
          openai.responses.create({ ...request, previous_response_id: parent.id, input: input(callIds) }),
        )
      ).message,
    ).toBe(message(callIds));
  });

  it('outputs of an earlier round sent again → refused', async () => {
    const { openai } = await startForTest();
    const first = await openai.responses.create({ ...request, input: 'call refund {} then call refund {}' });
    const second = await openai.responses.create({
      ...request,
      previous_response_id: first.id,
      input: [answer(callOf(first), 'ok')],
    });
    const both = [answer(callOf(first), 'ok'), answer(callOf(second), 'ok')];
    expect(
      (await apiErrorOf(openai.responses.create({ ...request, previous_response_id: second.id, input: both }))).message,
    ).toBe(uncalled(callOf(first).call_id));
  });

  it("output with its call's item id → the call counts as unanswered", async () => {
    const { openai } = await startForTest();
    const parent = await openai.responses.create({ ...request, input: 'call refund {}' });
    const { id, call_id: callId } = callOf(parent);
    const wrong = openai.responses.create({
      ...request,
      previous_response_id: parent.id,
      input: [{ type: 'function_call_output', id: String(id), call_id: callId, output: 'ok' }],
    });
    expect((await apiErrorOf(wrong)).message).toBe(unanswered(callId));
  });

  it('ids repeated by the server → can be answered, chained and replayed', async () => {
    const { openai, control } = await startForTest();
    control.script({
      steps: [
        {
          calls: [
            { name: 'refund', callId: 'same' },
            { name: 'refund', callId: 'same' },
          ],
        },
      ],
    });
    const parent = await openai.responses.create({ ...request, input: 'go' });
    const outputs = [output('same'), output('same')];
    expect(
      (await openai.responses.create({ ...request, previous_response_id: parent.id, input: outputs })).status,
    ).toBe('completed');
    expect(
      (await openai.responses.create({ ...request, input: [user, ...(parent.output as Input), ...outputs] })).status,
    ).toBe('completed');
    expect(
      (
        await apiErrorOf(
          openai.responses.create({ ...request, previous_response_id: parent.id, input: [output('same')] }),
        )
      ).message,
    ).toBe(unanswered('same'));
  });

  it('asynchronous call → may stay open', async () => {
    const { openai, control } = await startForTest();
    control.script({
      steps: [
        { items: [{ type: 'function_call', call_id: 'call_later', name: 'refund', arguments: '{}', async: true }] },
      ],
    });
    const parent = await openai.responses.create({ ...request, input: 'go' });
    expect((await openai.responses.create({ ...request, previous_response_id: parent.id, input: [user] })).status).toBe(
      'completed',
    );
  });

  it('F.28 MCP approval request beside a function call → both must be answered together', async () => {
    const { openai, control } = await startForTest();
    control.script({
      steps: [
        {
          items: [{ type: 'mcp_approval_request', id: 'mcpr_1', server_label: 'mail', name: 'send', arguments: '{}' }],
          calls: [{ name: 'refund', callId: 'call_a' }],
        },
      ],
    });
    const parent = await openai.responses.create({ ...request, input: 'go' });
    const follow = (input: Input) => openai.responses.create({ ...request, previous_response_id: parent.id, input });
    expect((await apiErrorOf(follow([output('call_a')]))).message).toBe(
      '400 The following MCP approval requests do not have an approval: mcpr_1',
    );
    expect(
      (
        await follow([
          output('call_a'),
          { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
        ])
      ).status,
    ).toBe('completed');
  });
});
