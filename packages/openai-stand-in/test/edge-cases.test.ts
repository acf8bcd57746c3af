import type OpenAI from 'openai';
import { APIConnectionError } from 'openai';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../src/scripts/script.ts';
import { answer, apiErrorOf, callOf, callsOf, startForTest, tool } from './start-for-test.ts';

const ask = { model: 'gpt-4.1', input: 'go', tools: [tool('refund', 'order')] };
const DENIED = 'Security system denied this specific action.';

/** A stand-in whose model says these replies, turn by turn. */
async function scripted(...steps: Reply[]) {
  const { openai, control } = await startForTest();
  control.script({ steps });
  const follow = (parent: OpenAI.Responses.Response, output: string) =>
    openai.responses.create({
      ...ask,
      previous_response_id: parent.id,
      input: callsOf(parent).map((call) => answer(call, output)),
    });
  return { openai, control, follow, first: await openai.responses.create(ask) };
}

describe('edge cases of models and servers (section F)', () => {
  it.each(['{"order": 7', 'not json', '', '[1]', '"text"', 'null'])(
    'F.1 arguments that are no JSON object: %j',
    async (given) => {
      const { first } = await scripted({ calls: [{ name: 'refund', arguments: given }] });
      expect(first.status).toBe('completed');
      expect(callOf(first).arguments).toBe(given);
    },
  );

  it('F.2 unknown tool name → sent as written', async () => {
    const { first, follow } = await scripted({ calls: [{ name: 'launch_rocket', arguments: {} }] });
    expect(callOf(first).name).toBe('launch_rocket');
    expect((await follow(first, 'Unknown tool "launch_rocket". Available tools: refund.')).output_text).toContain(
      '"launch_rocket" was not done',
    );
  });

  it('F.3 one of two parallel calls rejected → both outputs in one request', async () => {
    const { openai, first } = await scripted({
      calls: [
        { name: 'refund', arguments: { order: '1' } },
        { name: 'refund', arguments: { order: '2' } },
      ],
    });
    const [one, two] = callsOf(first) as [
      OpenAI.Responses.ResponseFunctionToolCall,
      OpenAI.Responses.ResponseFunctionToolCall,
    ];
    const { output_text: text } = await openai.responses.create({
      ...ask,
      previous_response_id: first.id,
      input: [answer(one, 'refunded'), answer(two, DENIED)],
    });
    expect(text).toContain('"refund" was done. The tool answered: refunded');
    expect(text).toContain(`"refund" was not done: ${DENIED}`);
  });

  it('F.4 one of three calls still waits → a partial answer is refused', async () => {
    const { openai, first } = await scripted({ calls: [{ name: 'refund' }, { name: 'refund' }, { name: 'refund' }] });
    const [one, two, three] = callsOf(first) as [
      OpenAI.Responses.ResponseFunctionToolCall,
      OpenAI.Responses.ResponseFunctionToolCall,
      OpenAI.Responses.ResponseFunctionToolCall,
    ];
    const early = openai.responses.create({
      ...ask,
      previous_response_id: first.id,
      input: [answer(one, 'ok'), answer(three, 'ok')],
    });
    expect((await apiErrorOf(early)).message).toBe(`400 No tool output found for function call ${two.call_id}.`);
  });

  it('F.5 call ids without a prefix, repeated in one response and a later turn → accepted', async () => {
    const { first, follow } = await scripted(
      {
        calls: [
          { name: 'refund', callId: '0' },
          { name: 'refund', callId: '0' },
        ],
      },
      { calls: [{ name: 'refund', callId: '0' }] },
      { text: 'Done.' },
    );
    expect(callsOf(first).map(({ call_id: id }) => id)).toEqual(['0', '0']);
    const second = await follow(first, 'ok');
    expect(callOf(second).call_id).toBe('0');
    expect((await follow(second, 'ok')).output_text).toBe('Done.');
  });

  it('F.6 identical call twice with different ids → two calls', async () => {
    const { first } = await scripted({
      calls: [
        { name: 'refund', arguments: { order: '1' } },
        { name: 'refund', arguments: { order: '1' } },
      ],
    });
    const [one, two] = callsOf(first);
    expect(one?.arguments).toBe(two?.arguments);
    expect(one?.call_id).not.toBe(two?.call_id);
  });

  it.each([
    ['F.7 the same call repeated after a rejection', '1'],
    ['F.8 changed arguments after a decision', '2'],
  ])('%s', async (_case, order) => {
    const { first, follow } = await scripted(
      { calls: [{ name: 'refund', arguments: { order: '1' } }] },
      { calls: [{ name: 'refund', arguments: { order } }] },
      { text: 'I give up.' },
    );
    const second = await follow(first, DENIED);
    expect(JSON.parse(callOf(second).arguments)).toEqual({ order });
    expect((await follow(second, DENIED)).output_text).toBe('I give up.');
  });

  it('F.13 reply lost after the commit → both children of the parent are valid', async () => {
    const { control, first, follow } = await scripted({ calls: [{ name: 'refund' }] }, { text: 'Done.' });
    control.fault({ kind: 'drop_after_commit' });
    await expect(follow(first, 'ok')).rejects.toBeInstanceOf(APIConnectionError);
    expect((await follow(first, 'ok')).output_text).toBe('Done.');
    expect(control.responses().filter((response) => response.previous_response_id === first.id)).toHaveLength(2);
  });

  it('F.13 reply lost in a conversation → its output is in the conversation', async () => {
    const { openai, control } = await startForTest();
    const { id } = await openai.conversations.create();
    const first = await openai.responses.create({ ...ask, conversation: id, input: 'call refund {}' });
    control.fault({ kind: 'drop_after_commit', match: { outputs: true } });
    const follow = () => openai.responses.create({ ...ask, conversation: id, input: [answer(callOf(first), 'ok')] });
    await expect(follow()).rejects.toBeInstanceOf(APIConnectionError);
    expect(
      (await openai.conversations.items.list(id, { order: 'desc', limit: 2 })).data.map(({ type }) => type),
    ).toEqual(['message', 'function_call_output']);
    expect((await apiErrorOf(follow())).message).toBe(
      `400 No tool call found for function call output with call_id ${callOf(first).call_id}.`,
    );
  });

  it.each<[string, Reply, readonly unknown[]]>([
    ['no output at all', {}, []],
    ['a refusal', { refusal: 'No.' }, [{ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }]],
    ['only reasoning', { reasoning: 'Hm.' }, [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] }]],
    ['an empty text', { text: '' }, [{ type: 'message', content: [{ type: 'output_text', text: '' }] }]],
  ])('F.15 completed with %s → accepted', async (_case, reply, output) => {
    const { first } = await scripted(reply);
    expect(first).toMatchObject({ status: 'completed', output, output_text: '' });
    expect(first.output).toHaveLength(output.length);
  });

  it.each(['max_output_tokens', 'content_filter', 'length', 'max_messages'])(
    'F.16 incomplete by %s with a half-written call',
    async (reason) => {
      const { first } = await scripted({
        calls: [
          { name: 'refund', arguments: { order: '1' } },
          { name: 'refund', arguments: '{"order":"22"}' },
        ],
        incomplete: reason,
      });
      expect(first).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason },
        completed_at: null,
        output: [
          { status: 'completed', arguments: '{"order":"1"}' },
          { status: 'incomplete', arguments: '{"order' },
        ],
      });
    },
  );

  it('F.16 same turn with more tokens → completes', async () => {
    const { openai, control } = await startForTest();
    control.script({ steps: [{ calls: [{ name: 'refund' }], minOutputTokens: 500 }] });
    const withTokens = async (tokens: number) =>
      (await openai.responses.create({ ...ask, max_output_tokens: tokens })).status;
    expect([await withTokens(100), await withTokens(500)]).toEqual(['incomplete', 'completed']);
  });

  it.each([
    'server_error',
    'rate_limit_exceeded',
    'invalid_prompt',
    'data_residency_mismatch',
    'bio_policy',
    'misalignment_policy_violation',
    'cyber_policy',
    'vector_store_timeout',
  ])('F.17, F.18 failed with %s → a failed response', async (code) => {
    const { openai, first } = await scripted({
      failed: { code, message: 'It failed.', misalignment: { steer: { message: 'Ask first.' } } },
    });
    expect(first).toMatchObject({
      status: 'failed',
      output: [],
      error: { code, message: 'It failed.', misalignment: { steer: { message: 'Ask first.' } } },
    });
    expect((await openai.responses.retrieve(first.id)).status).toBe('failed');
  });

  it('F.17 tool output blocked after the effect → a failed response', async () => {
    const { first, follow } = await scripted({ calls: [{ name: 'refund' }] }, { failed: { code: 'invalid_prompt' } });
    expect(await follow(first, 'poisoned output')).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_prompt' },
    });
  });

  it('F.18 turn failed by rate limit → a new response succeeds', async () => {
    const { openai, control } = await startForTest();
    control.script({
      progress: 'request',
      steps: [{ failed: { code: 'rate_limit_exceeded' } }, { text: 'Now it went.' }],
    });
    const statuses = [(await openai.responses.create(ask)).status, (await openai.responses.create(ask)).status];
    expect(statuses).toEqual(['failed', 'completed']);
  });

  it('F.19 quota error → no Retry-After', async () => {
    const { openai, control } = await startForTest();
    control.fault({ kind: 'insufficient_quota' });
    const error = await apiErrorOf(openai.responses.create(ask));
    expect([error.code, error.headers?.get('retry-after')]).toEqual(['insufficient_quota', null]);
  });

  it('F.20 response deleted while a person decided → 400', async () => {
    const { openai, first, follow } = await scripted({ calls: [{ name: 'refund' }] });
    await openai.responses.delete(first.id);
    await expect(follow(first, 'ok')).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  it('F.24 output of 10,485,760 characters → accepted; one more → refused', async () => {
    const { first, follow } = await scripted({ calls: [{ name: 'refund' }] }, { text: 'Done.' });
    expect((await follow(first, 'x'.repeat(10_485_760))).output_text).toBe('Done.');
    await expect(follow(first, 'x'.repeat(10_485_761))).rejects.toMatchObject({
      status: 400,
      code: 'string_above_max_length',
    });
  });

  it('F.27 new message while a call is open → needs its output first', async () => {
    const { openai, first } = await scripted({ calls: [{ name: 'refund' }] });
    const message = { role: 'user' as const, content: 'Never mind.' };
    await expect(
      openai.responses.create({ ...ask, previous_response_id: first.id, input: [message] }),
    ).rejects.toMatchObject({ message: `400 No tool output found for function call ${callOf(first).call_id}.` });
    const answered = await openai.responses.create({
      ...ask,
      previous_response_id: first.id,
      input: [answer(callOf(first), 'superseded'), message],
    });
    expect(answered.status).toBe('completed');
  });

  it('F.30 model retired while a call waits → another model continues', async () => {
    const { openai, control, first, follow } = await scripted({ calls: [{ name: 'refund' }] }, { text: 'Done.' });
    control.retireModel('gpt-4.1');
    await expect(follow(first, 'ok')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    expect(
      (
        await openai.responses.create({
          ...ask,
          model: 'gpt-4o',
          previous_response_id: first.id,
          input: [answer(callOf(first), 'ok')],
        })
      ).output_text,
    ).toBe('Done.');
  });

  it('F.34 Assistants API retired → every path under /threads is 404', async () => {
    const { openai, control } = await startForTest();
    control.retireAssistants();
    for (const path of ['/threads', '/threads/thread_1/runs'])
      await expect(openai.post(path, { body: {} })).rejects.toMatchObject({ status: 404 });
  });

  it('compatible server → text although a call was required', async () => {
    const { openai, control } = await startForTest();
    control.script({ steps: [{ text: 'I would rather talk.' }] });
    const response = await openai.responses.create({ ...ask, tool_choice: 'required' });
    expect(response).toMatchObject({ status: 'completed', output_text: 'I would rather talk.' });
  });
});

describe('scripts', () => {
  it('several match → the newest answers; none matches → a built-in one', async () => {
    const { openai, control } = await startForTest({
      scripts: [
        { when: 'hello', steps: [{ text: 'first of the options' }] },
        { when: 'hello', steps: [{ text: 'second' }] },
      ],
    });
    const say = async (input: string) => (await openai.responses.create({ ...ask, input })).output_text;
    expect(await say('Hello there')).toBe('first of the options');
    control.script({ when: 'there', steps: [{ text: 'set later' }] });
    expect(await say('Hello there')).toBe('set later');
    expect(await say('Goodbye')).toContain('You wrote: Goodbye');
    control.clearScripts();
    expect(await say('Hello there')).toContain('You wrote: Hello there');
  });

  it('code → gets the conversation and the tools', async () => {
    const { openai, control } = await startForTest();
    control.script({
      name: 'counts',
      reply: ({ items, tools }) => ({ text: `${items.length} items, ${tools.map(({ name }) => name).join()}` }),
    });
    expect((await openai.responses.create(ask)).output_text).toBe('1 items, refund');
  });

  it('turn repeated, also by replay → the same reply', async () => {
    const { openai, first, follow } = await scripted(
      { reasoning: 'Hm.', text: 'I look.', calls: [{ name: 'refund' }] },
      { text: 'Second turn.' },
    );
    expect((await follow(first, 'ok')).output_text).toBe('Second turn.');
    const bare = first.output
      .filter(({ type }) => type !== 'reasoning')
      .map(({ id: _id, ...item }) => item as OpenAI.Responses.ResponseInputItem);
    const replayed = await openai.responses.create({
      ...ask,
      input: [{ role: 'user', content: 'go' }, ...bare, answer(callOf(first), 'ok')],
    });
    expect(replayed.output_text).toBe('Second turn.');
  });

  it('malformed → refused', async () => {
    const { control } = await startForTest();
    expect(() => control.script({ steps: [] })).toThrow('steps');
  });
});
