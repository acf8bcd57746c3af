import { describe, expect, it } from 'vitest';
import { answer, callOf, callsOf, startForTest, tool } from './start-for-test.ts';

/** The fields of openai@7's `Response`, but for the ones that belong to features the stand-in does not play. */
const FIELDS = [
  'access_programs',
  'background',
  'completed_at',
  'conversation',
  'created_at',
  'error',
  'id',
  'incomplete_details',
  'input_transformations',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'model',
  'moderation',
  'object',
  'output',
  'output_text',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'status',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'usage',
  'user',
];

describe('a response', () => {
  it("fields → OpenAI's, the request's values, a token count", async () => {
    const { openai } = await startForTest({ clock: { now: () => 1_800_000_000_400 } });
    const response = await openai.responses.create({
      model: 'gpt-5',
      input: 'Hello',
      instructions: 'Be kind.',
      metadata: { run: 'r-1' },
      temperature: 0.5,
      tools: [tool('refund', 'order')],
    });
    expect(
      Object.keys(response)
        .filter((key) => !key.startsWith('_'))
        .sort(),
    ).toEqual([...FIELDS].sort());
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      created_at: 1_800_000_000,
      completed_at: 1_800_000_000,
      model: 'gpt-5',
      instructions: 'Be kind.',
      metadata: { run: 'r-1' },
      temperature: 0.5,
      store: true,
      previous_response_id: null,
      error: null,
      tool_choice: 'auto',
      parallel_tool_calls: true,
      text: { format: { type: 'text' } },
    });
    expect(response.tools).toMatchObject([{ type: 'function', name: 'refund', strict: true }]);
    expect(response.usage?.input_tokens).toBeGreaterThan(10);
    expect(response.usage?.total_tokens).toBe(
      Number(response.usage?.input_tokens) + Number(response.usage?.output_tokens),
    );
  });

  it('ids → new, with the prefix of their kind', async () => {
    const { openai } = await startForTest();
    const ask = () =>
      openai.responses.create({
        model: 'gpt-5',
        input: 'call refund {"order":"1"} call refund {"order":"2"}',
        tools: [tool('refund', 'order')],
      });
    const [one, two] = [await ask(), await ask()];
    expect(one.id).toMatch(/^resp_[0-9a-f]{48}$/);
    expect(one.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call', 'function_call']);
    for (const [prefix, item] of [
      ['rs', one.output[0]],
      ['fc', one.output[1]],
    ] as const)
      expect(item?.id).toMatch(new RegExp(`^${prefix}_[0-9a-f]{48}$`));
    for (const call of callsOf(one)) expect(call.call_id).toMatch(/^call_[0-9A-Za-z]{24}$/);
    const ids = [one, two].flatMap((response) => [
      response.id,
      ...response.output.map(({ id }) => id),
      ...callsOf(response).map(({ call_id: id }) => id),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('x-request-id → also in the log', async () => {
    const { openai, control } = await startForTest();
    const response = await openai.responses.create({ model: 'gpt-5', input: 'Hello' });
    expect(response._request_id).toMatch(/^req_/);
    expect(control.requests().map(({ id }) => id)).toEqual([response._request_id]);
  });

  it('reasoning → before its calls, on reasoning models only', async () => {
    const { openai } = await startForTest();
    const typesOf = async (model: string) =>
      (
        await openai.responses.create({ model, input: 'call refund {"order":"1"}', tools: [tool('refund', 'order')] })
      ).output.map(({ type }) => type);
    expect(await typesOf('o4-mini')).toEqual(['reasoning', 'function_call']);
    expect(await typesOf('gpt-4.1')).toEqual(['function_call']);
  });

  it('text beside calls → commentary; last text → final answer', async () => {
    const { openai, control } = await startForTest();
    control.script({ steps: [{ text: 'I will look.', calls: [{ name: 'refund' }] }, { text: 'Done.' }] });
    const first = await openai.responses.create({ model: 'gpt-4.1', input: 'go' });
    const second = await openai.responses.create({
      model: 'gpt-4.1',
      previous_response_id: first.id,
      input: [answer(callOf(first), 'ok')],
    });
    expect([first.output[0], second.output[0]]).toMatchObject([
      { type: 'message', phase: 'commentary' },
      { type: 'message', phase: 'final_answer' },
    ]);
  });

  it('stored → can be retrieved and deleted, lists its input', async () => {
    const { openai } = await startForTest();
    const first = await openai.responses.create({
      model: 'gpt-4.1',
      input: 'call refund {"order":"1"}',
      tools: [tool('refund', 'order')],
    });
    const second = await openai.responses.create({
      model: 'gpt-4.1',
      previous_response_id: first.id,
      input: [answer(callOf(first), 'ok')],
    });
    expect(await openai.responses.retrieve(second.id)).toMatchObject({
      id: second.id,
      status: 'completed',
      output: second.output,
    });
    const items = (await openai.responses.inputItems.list(second.id, { order: 'asc' })).data;
    expect(items.map(({ type }) => type)).toEqual(['message', 'function_call', 'function_call_output']);
    const newest = await openai.responses.inputItems.list(second.id, { limit: 1 });
    expect(newest.data.map(({ type }) => type)).toEqual(['function_call_output']);
    expect(newest.has_more).toBe(true);
    await openai.responses.delete(second.id);
    await expect(openai.responses.retrieve(second.id)).rejects.toThrow(
      `404 Response with id '${second.id}' not found.`,
    );
  });

  it('body of nearly 20 MB → accepted; larger → 413', async () => {
    const { openai } = await startForTest();
    const input = [{ role: 'user' as const, content: 'x'.repeat(19 * 1024 * 1024) }];
    expect((await openai.responses.create({ model: 'gpt-4.1', input })).status).toBe('completed');
    await expect(
      openai.responses.create({ model: 'gpt-4.1', input: [{ role: 'user', content: 'x'.repeat(21 * 1024 * 1024) }] }),
    ).rejects.toMatchObject({ status: 413 });
  });
});

describe('models', () => {
  it('listed and retrieved until retired', async () => {
    const { openai, control } = await startForTest();
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain('gpt-5');
    expect(await openai.models.retrieve('my-own')).toMatchObject({
      id: 'my-own',
      object: 'model',
      shutdown_date: null,
    });
    control.retireModel('gpt-5');
    const error = {
      status: 404,
      code: 'model_not_found',
      message: '404 The model `gpt-5` does not exist or you do not have access to it.',
    };
    await expect(openai.models.retrieve('gpt-5')).rejects.toMatchObject(error);
    await expect(openai.responses.create({ model: 'gpt-5', input: 'Hello' })).rejects.toMatchObject(error);
  });
});
