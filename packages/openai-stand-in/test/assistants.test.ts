import OpenAI from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startOpenAIStandIn, type StartStandInOptions } from '../src/start-openai-stand-in.ts';
import type { Script } from '../src/scripts/script.ts';
import { apiErrorOf } from './start-for-test.ts';

const refund: OpenAI.Beta.AssistantTool = {
  type: 'function',
  function: {
    name: 'refund',
    parameters: {
      type: 'object',
      properties: { order: { type: 'string' } },
      required: ['order'],
      additionalProperties: false,
    },
    strict: true,
  },
};

async function startWithThread(script: Script, options: StartStandInOptions = {}) {
  const standIn = await startOpenAIStandIn({ scripts: [script], ...options });
  onTestFinished(() => standIn.close());
  const openai = new OpenAI({ apiKey: 'test-key', baseURL: standIn.url, maxRetries: 0 });
  const { threads } = openai.beta;
  const assistant = await openai.beta.assistants.create({ model: 'gpt-5', instructions: 'Be kind.', tools: [refund] });
  const thread = await threads.create();
  await threads.messages.create(thread.id, { role: 'user', content: 'Refund order 7.' });
  const thread_id = thread.id;
  return {
    ...standIn,
    openai,
    threads,
    assistant,
    thread_id,
    run: (fields: Partial<OpenAI.Beta.Threads.RunCreateParamsNonStreaming> = {}) =>
      threads.runs.create(thread_id, { assistant_id: assistant.id, ...fields }),
    follow: (id: string) => threads.runs.poll(id, { thread_id }, { pollIntervalMs: 1 }),
    submit: (id: string, ...outputs: Array<[string, string]>) =>
      threads.runs.submitToolOutputs(id, {
        thread_id,
        tool_outputs: outputs.map(([tool_call_id, output]) => ({ tool_call_id, output })),
      }),
    texts: async (runId?: string) =>
      (
        await threads.messages.list(thread_id, { order: 'asc', ...(runId === undefined ? {} : { run_id: runId }) })
      ).data.map(({ content }) => content.map((part) => (part.type === 'text' ? part.text.value : part.type)).join('')),
  };
}

const oneCall: Script = {
  steps: [
    { text: 'I refund it.', calls: [{ name: 'refund', arguments: { order: '7' }, callId: 'call_1' }] },
    { text: 'Refunded.' },
  ],
};
const twoCalls: Script = {
  steps: [
    {
      calls: [
        { name: 'refund', arguments: { order: '7' }, callId: 'call_1' },
        { name: 'refund', arguments: { order: '8' }, callId: 'call_2' },
      ],
    },
    { text: 'Both.' },
  ],
};

describe("Assistants API: the guide's loop", () => {
  test('run with calls → queued, in_progress, requires_action, completed with a message', async () => {
    const { run, follow, submit, threads, thread_id, texts } = await startWithThread(oneCall);
    const created = await run({ metadata: { mine: 'yes' } });
    expect(created).toMatchObject({
      status: 'queued',
      object: 'thread.run',
      metadata: { mine: 'yes' },
      expires_at: created.created_at + 600,
      required_action: null,
    });
    expect((await threads.runs.retrieve(created.id, { thread_id })).status).toBe('in_progress');
    const waiting = await follow(created.id);
    expect(waiting.status).toBe('requires_action');
    expect(waiting.required_action?.submit_tool_outputs.tool_calls).toEqual([
      { id: 'call_1', type: 'function', function: { name: 'refund', arguments: '{"order":"7"}' } },
    ]);
    expect((await submit(created.id, ['call_1', 'done'])).status).toBe('queued');
    const ended = await follow(created.id);
    expect(ended).toMatchObject({ status: 'completed', expires_at: null, required_action: null, last_error: null });
    expect(await texts(created.id)).toEqual(['I refund it.', 'Refunded.']);
    expect(await texts()).toEqual(['Refund order 7.', 'I refund it.', 'Refunded.']);
  });

  test('step → the calls, and their outputs after the submit', async () => {
    const { run, follow, submit, threads, thread_id } = await startWithThread(oneCall);
    const { id } = await run();
    await follow(id);
    const steps = async () =>
      (await threads.runs.steps.list(id, { thread_id, order: 'asc' })).data.map(({ type, status, step_details }) => ({
        type,
        status,
        step_details,
      }));
    expect((await steps())[1]).toMatchObject({
      type: 'tool_calls',
      status: 'in_progress',
      step_details: { tool_calls: [{ id: 'call_1', function: { output: null } }] },
    });
    await submit(id, ['call_1', 'done']);
    await follow(id);
    expect((await steps()).map(({ type, status }) => `${type} ${status}`)).toEqual([
      'message_creation completed',
      'tool_calls completed',
      'message_creation completed',
    ]);
    expect((await steps())[1]).toMatchObject({
      step_details: { tool_calls: [{ id: 'call_1', function: { output: 'done' } }] },
    });
  });

  test('built-in scripts → the same as over the Responses API', async () => {
    const { threads, thread_id, run, follow, submit, texts } = await startWithThread({
      steps: [{ text: 'unused' }],
      when: 'never said',
    });
    await threads.messages.create(thread_id, { role: 'user', content: 'call refund {"order":"9"}' });
    const { id } = await run();
    const [call] = (await follow(id)).required_action?.submit_tool_outputs.tool_calls ?? [];
    expect(call?.function).toEqual({ name: 'refund', arguments: '{"order":"9"}' });
    await submit(id, [call?.id ?? '', 'ok']);
    await follow(id);
    expect((await texts(id)).join()).toContain('The tool answered: ok');
  });

  test('stream → events of run, steps and messages, up to the wait', async () => {
    const { threads, thread_id, assistant } = await startWithThread(oneCall);
    const first = await threads.runs.stream(thread_id, { assistant_id: assistant.id }).finalRun();
    expect(first.status).toBe('requires_action');
    const second = threads.runs.submitToolOutputsStream(first.id, {
      thread_id,
      tool_outputs: [{ tool_call_id: 'call_1', output: 'done' }],
    });
    expect((await second.finalRun()).status).toBe('completed');
    expect((await second.finalMessages()).map(({ content }) => content[0])).toMatchObject([
      { text: { value: 'Refunded.' } },
    ]);
  });
});

describe('Assistants API: expiry after ten minutes', () => {
  test('submit → the expiry stays 600 s after the creation', async () => {
    const { run, follow, submit, control, threads, thread_id } = await startWithThread({
      steps: [{ calls: [{ name: 'refund', callId: 'a' }] }, { calls: [{ name: 'refund', callId: 'b' }] }],
    });
    const { id, expires_at: expires } = await run();
    await follow(id);
    control.advanceClock(590_000);
    expect((await submit(id, ['a', 'ok'])).expires_at).toBe(expires);
    expect((await follow(id)).status).toBe('requires_action');
    control.advanceClock(11_000);
    expect(await threads.runs.retrieve(id, { thread_id })).toMatchObject({
      status: 'expired',
      expires_at: null,
      required_action: null,
    });
    const refused = await apiErrorOf(submit(id, ['b', 'ok']));
    expect(refused).toMatchObject({ status: 400, type: 'invalid_request_error', param: null, code: null });
    expect(refused.message).toContain('Runs in status "expired" do not accept tool outputs.');
  });

  test('active run → thread locked; expired run → released', async () => {
    const { run, follow, control, threads, thread_id } = await startWithThread(oneCall);
    const { id } = await run();
    await follow(id);
    const write = () => threads.messages.create(thread_id, { role: 'user', content: 'And now?' });
    expect((await apiErrorOf(write())).message).toContain(
      `Can't add messages to ${thread_id} while a run ${id} is active.`,
    );
    expect((await apiErrorOf(run())).message).toContain(`Thread ${thread_id} already has an active run ${id}.`);
    control.advanceClock(3 * 24 * 60 * 60 * 1000);
    expect((await write()).role).toBe('user');
    expect((await run()).status).toBe('queued');
  });

  test('finished in time, read later → completed', async () => {
    const { run, control, threads, thread_id } = await startWithThread({ steps: [{ text: 'Done.' }] });
    const { id } = await run();
    control.advanceClock(24 * 60 * 60 * 1000);
    expect((await threads.runs.retrieve(id, { thread_id })).status).toBe('completed');
  });
});

describe('Assistants API: submit', () => {
  test('outputs of all calls → accepted in one request, once', async () => {
    const { run, follow, submit } = await startWithThread(twoCalls);
    const { id } = await run();
    await follow(id);
    expect((await apiErrorOf(submit(id, ['call_1', 'ok']))).message).toContain(
      "Expected tool outputs for call_ids ['call_1', 'call_2'], got ['call_1']",
    );
    expect((await apiErrorOf(submit(id, ['call_1', 'ok'], ['call_x', 'ok']))).status).toBe(400);
    await submit(id, ['call_1', 'ok'], ['call_2', 'ok']);
    expect((await apiErrorOf(submit(id, ['call_1', 'ok'], ['call_2', 'ok']))).message).toContain(
      'Runs in status "queued" do not accept tool outputs.',
    );
  });

  test('output without its call id → refused by name', async () => {
    const { run, follow, threads, thread_id } = await startWithThread(oneCall);
    const { id } = await run();
    await follow(id);
    const refused = await apiErrorOf(
      threads.runs.submitToolOutputs(id, { thread_id, tool_outputs: [{ output: 'ok' }] }),
    );
    expect(refused.message).toContain('body -> tool_outputs -> 0 -> tool_call_id');
  });
});

describe('Assistants API: other ends', () => {
  test('waiting run cancelled → cancelling, then cancelled; finished run → refused', async () => {
    const { run, follow, threads, thread_id } = await startWithThread(oneCall);
    const { id } = await run();
    await follow(id);
    expect((await threads.runs.cancel(id, { thread_id })).status).toBe('cancelling');
    expect((await follow(id)).status).toBe('cancelled');
    expect((await apiErrorOf(threads.runs.cancel(id, { thread_id }))).message).toContain(
      "Cannot cancel run with status 'cancelled'.",
    );
  });

  test('failed or incomplete run → its reason; incomplete → half its message', async () => {
    const { run, follow, threads, thread_id } = await startWithThread({
      progress: 'request',
      steps: [
        { failed: { code: 'rate_limit_exceeded', message: 'Slow down.' } },
        { text: 'A long answer.', incomplete: 'max_output_tokens' },
      ],
    });
    expect(await follow((await run()).id)).toMatchObject({
      status: 'failed',
      last_error: { code: 'rate_limit_exceeded', message: 'Slow down.' },
    });
    const cut = await follow((await run()).id);
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_completion_tokens' } });
    expect((await threads.messages.list(thread_id, { run_id: cut.id })).data).toMatchObject([
      { status: 'incomplete', incomplete_details: { reason: 'max_tokens' } },
    ]);
  });

  test('unknown object or retired model → 404 that names it', async () => {
    const { run, threads, thread_id, control } = await startWithThread(oneCall);
    expect((await apiErrorOf(threads.retrieve('thread_none'))).message).toContain(
      "No thread found with id 'thread_none'.",
    );
    expect((await apiErrorOf(threads.runs.retrieve('run_none', { thread_id }))).message).toContain(
      "No run found with id 'run_none'.",
    );
    expect((await apiErrorOf(run({ assistant_id: 'asst_none' }))).message).toContain(
      "No assistant found with id 'asst_none'.",
    );
    control.retireModel('gpt-5');
    expect((await apiErrorOf(run())).code).toBe('model_not_found');
  });

  test('no beta header → refused', async () => {
    const { openai } = await startWithThread(oneCall);
    const refused = await apiErrorOf(openai.post('/threads', { body: {} }));
    expect(refused).toMatchObject({ status: 400, code: 'invalid_beta' });
  });

  test('retired → 404 everywhere until a reset', async () => {
    const { openai, threads, thread_id, run, control, url } = await startWithThread(oneCall);
    const outside = (path: string, method: string) => fetch(url.replace('/v1', `/__stand-in/${path}`), { method });
    await run();
    expect(await (await outside('assistant-runs', 'GET')).json()).toMatchObject({
      data: [{ object: 'thread.run', thread_id }],
    });
    await outside('retired-assistants', 'POST');
    for (const call of [
      () => openai.beta.assistants.list(),
      () => threads.create(),
      () => threads.retrieve(thread_id),
      () => run(),
    ]) {
      expect(await apiErrorOf(Promise.resolve(call()))).toMatchObject({ status: 404 });
    }
    control.reset();
    expect((await threads.retrieve(thread_id)).id).toBe(thread_id);
  });
});

describe('Assistants API: lists and faults', () => {
  test('lists → paged both ways, in both orders', async () => {
    const { threads, thread_id } = await startWithThread(oneCall);
    for (const content of ['b', 'c', 'd']) await threads.messages.create(thread_id, { role: 'user', content });
    const page = await threads.messages.list(thread_id, { limit: 2 });
    expect(page.data.map(({ content }) => content[0])).toMatchObject([
      { text: { value: 'd' } },
      { text: { value: 'c' } },
    ]);
    expect(page.has_more).toBe(true);
    const rest = await threads.messages.list(thread_id, { order: 'asc', after: page.data[1]?.id ?? '' });
    expect(rest.data).toHaveLength(1);
    expect((await threads.messages.list(thread_id, { before: page.data[1]?.id ?? '' })).data).toHaveLength(1);
  });

  test('lost reply → the run exists and locks the thread', async () => {
    const { run, control } = await startWithThread(oneCall);
    control.fault({ kind: 'drop_after_commit', match: { method: 'POST', path: '/v1/threads/*/runs' } });
    await expect(run()).rejects.toThrow('Connection error');
    expect(control.assistantRuns()).toHaveLength(1);
    expect((await apiErrorOf(run())).message).toContain('already has an active run');
  });

  test('stay_in_progress → expires', async () => {
    const { run, follow, control, threads, thread_id } = await startWithThread(oneCall);
    control.fault({ kind: 'stay_in_progress' });
    const { id } = await run();
    control.advanceClock(599_000);
    expect((await threads.runs.retrieve(id, { thread_id })).status).toBe('in_progress');
    control.advanceClock(2_000);
    expect((await follow(id)).status).toBe('expired');
  });
});
