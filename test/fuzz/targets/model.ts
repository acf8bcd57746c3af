import type { OpenAI } from 'openai';
import fc from 'fast-check';
import type { Json, JsonObject } from '@holdpoint/json';
import { z } from 'zod';
import { openDatabase } from '../../../src/adapters/database/open-database.ts';
import { createAssistantsSurface } from '../../../src/adapters/openai/assistants/assistants-surface.ts';
import { readRun } from '../../../src/adapters/openai/assistants/read-run.ts';
import { readWithout } from '../../../src/adapters/openai/refused-settings.ts';
import { createResponsesSurface } from '../../../src/adapters/openai/responses/responses-surface.ts';
import { readReply } from '../../../src/adapters/openai/responses/read-reply.ts';
import { readResponseObject } from '../../../src/adapters/openai/responses/response-object.ts';
import { StreamedOutput, withStreamed } from '../../../src/adapters/openai/streamed-output.ts';
import { toModelFailure } from '../../../src/adapters/openai/to-model-failure.ts';
import { openaiRetryAfterMs } from '../../../src/adapters/openai/openai-retry-after.ts';
import { ModelFailure } from '../../../src/domain/model-failure.ts';
import { defineAssistant, defineTool } from '../../../src/index.ts';
import { json, jsonText, mutated, spoiled, text } from '../arbitraries.ts';
import { must, orRefused, orRefusedLater, target } from '../target.ts';

const refund = defineTool({
  name: 'refund',
  description: 'Refunds.',
  parameters: z.object({ order: z.string() }),
  effect: 'at-most-once',
  review: 'never',
  execute: () => null,
});

const call: Json = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'refund',
  arguments: '{"order":"A-17"}',
  status: 'completed',
};
const message: Json = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'Done.' }],
};
const response: Json = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  output: [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'x' }] }, call, message],
  previous_response_id: null,
  usage: { output_tokens: 5, output_tokens_details: { reasoning_tokens: 1 } },
  error: null,
  incomplete_details: null,
};
const responses = fc.constantFrom<Json>(
  response,
  { ...response, output: [message] },
  { ...response, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  { ...response, status: 'failed', error: { code: 'server_error', message: 'no' } },
  { error: { message: 'no', type: 'invalid_request_error', param: 'model', code: 'model_not_found' } },
  { detail: 'Not Found' },
);
const events: Json[] = [
  { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
  { type: 'response.output_item.added', output_index: 0, item: { ...call, arguments: '', status: 'in_progress' } },
  { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 0, delta: '{"order":' },
  { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 0, arguments: '{"order":"A-17"}' },
  { type: 'response.output_item.done', output_index: 0, item: call },
  { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 1, content_index: 0, delta: 'Do' },
  { type: 'response.refusal.delta', item_id: 'msg_1', output_index: 1, content_index: 0, delta: 'No' },
  { type: 'error', code: 'server_error', message: 'no' },
  { type: 'response.completed', response },
  { type: 'response.incomplete', response: { ...response, status: 'incomplete' } },
];
const event = mutated(fc.constantFrom(...events));
const stream = spoiled(
  fc
    .array(event, { maxLength: 10 })
    .map((list) => [...list, ...events.slice(8, 9)].map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')),
);
const status = fc.oneof(
  { weight: 4, arbitrary: fc.constant(200) },
  fc.constantFrom(201, 204, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503),
);
const answer = fc.record({
  status,
  body: fc.oneof(
    { weight: 4, arbitrary: jsonText(mutated(responses)) },
    { weight: 4, arbitrary: stream },
    text,
    jsonText(json),
  ),
  type: fc.constantFrom('application/json', 'text/event-stream', 'text/html', 'text/plain; charset=utf-8'),
  retryAfter: fc.constantFrom('', '1', '-1', 'x', '1e300'),
});
type FuzzAnswer = { status: number; body: string; type: string; retryAfter: string };

const fetchOf = (answers: readonly FuzzAnswer[]): typeof fetch => {
  let asked = 0;
  return async () => {
    const { status: code, body, type, retryAfter } = answers[asked++ % answers.length]!;
    if (asked > 200) throw new Error('The server was asked 200 times.');
    return new Response(code === 204 ? null : body, {
      status: code,
      headers: { 'content-type': type, 'retry-after': retryAfter },
    });
  };
};

/** The value of `work`; undefined if it fails with what a run sees as a failure of the model, as the surfaces do. */
function orModelFailure<Value>(work: () => Value): Value | undefined {
  return orRefused(() => {
    try {
      return work();
    } catch (error) {
      throw toModelFailure(error, { apiKey: 'sk-1', model: null, now: () => 0 });
    }
  }, ModelFailure);
}

const turnOf = (assistant: ReturnType<typeof defineAssistant>, signal: AbortSignal) => ({
  assistant,
  runId: 'run-1',
  firstRunId: 'first-1',
  context: null,
  turn: 1,
  conversation: null,
  input: { outputs: [], messages: ['Refund.'] },
  signal,
  onDelta: () => undefined,
  resumeFrom: null,
  checkpoint: async () => undefined,
});

const run: Json = {
  id: 'run_1',
  object: 'thread.run',
  thread_id: 'thread_1',
  assistant_id: 'asst_1',
  status: 'requires_action',
  required_action: {
    type: 'submit_tool_outputs',
    submit_tool_outputs: {
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'refund', arguments: '{"order":"7"}' } }],
    },
  },
  last_error: null,
  incomplete_details: null,
};
const runs = fc.constantFrom<Json>(
  run,
  { ...run, status: 'completed' },
  { ...run, status: 'failed', last_error: { code: 'rate_limit_exceeded', message: 'no' } },
  { ...run, status: 'incomplete', incomplete_details: { reason: 'max_prompt_tokens' } },
  { ...run, status: 'expired' },
);
const threadMessage = fc.constantFrom<Json>(
  {
    id: 'msg_1',
    object: 'thread.message',
    role: 'assistant',
    run_id: 'run_1',
    content: [{ type: 'text', text: { value: 'Hi.', annotations: [] } }],
  },
  {
    id: 'msg_2',
    role: 'assistant',
    run_id: 'run_1',
    content: 'Hi.',
    status: 'incomplete',
    incomplete_details: { reason: 'content_filter' },
  },
);

export const modelTargets = [
  target('model: response objects and stream events', 30, () => ({
    input: fc.record({
      response: mutated(responses),
      events: fc.array(event, { maxLength: 8 }),
      retryAfter: text,
      without: json,
    }),
    run: ({ response: body, events: list, retryAfter, without }) => {
      const streamed = new StreamedOutput();
      for (const each of list) orModelFailure(() => streamed.add(each as never));
      const items = orModelFailure(() => streamed.output) ?? [];
      const object = orModelFailure(() => readResponseObject(body));
      const last = orModelFailure(() => readResponseObject(body, { streamed, status: 'completed' }));
      for (const each of [object, last]) {
        if (each === undefined) continue;
        const reply = orModelFailure(() =>
          readReply({ ...each, output: withStreamed(each.output, items) }, { apiKey: 'sk-1', maxOutputTokens: null }),
        );
        if (reply?.outcome.type === 'calls')
          must(
            reply.outcome.calls.every(({ callId, name, arguments: args }) =>
              [callId, name, args].every((part) => typeof part === 'string'),
            ),
            'A call is no text.',
          );
      }
      readWithout(without);
      if (/^[\x20-\x7e]*$/.test(retryAfter)) {
        const wait = openaiRetryAfterMs(new Headers({ 'retry-after-ms': retryAfter }), 0);
        must(wait === undefined || (wait >= 0 && Number.isFinite(wait)), `The wait is ${wait}.`);
      }
    },
  })),
  target('model: turns of the Responses API', 10, async () => {
    const database = await openDatabase('sqlite::memory:');
    return {
      close: () => database.close(),
      input: fc.record({
        answers: fc.array(answer, { minLength: 1, maxLength: 3 }),
        stream: fc.boolean(),
        background: fc.boolean(),
      }),
      run: async ({ answers, stream: streams, background }) => {
        const surface = createResponsesSurface({
          apiKey: 'sk-test',
          baseURL: 'http://127.0.0.1:9/v1',
          transcripts: database.transcripts,
          pollIntervals: { firstMs: 1, longestMs: 1 },
          fetch: fetchOf(answers),
        });
        const assistant = defineAssistant({
          name: 'comms',
          model: 'gpt-5',
          tools: [refund],
          ...(background && { background: { deadline: '20 ms' } }),
          ...(!streams && { modelSettings: { stream: false } }),
        });
        const stop = new AbortController();
        const timer = setTimeout(() => stop.abort(new Stopped()), 2_000);
        const reply = await orRefusedLater(
          () => surface.takeTurn(turnOf(assistant, stop.signal)),
          ModelFailure,
          Stopped,
        ).finally(() => clearTimeout(timer));
        if (reply === undefined) return;
        must(
          reply.outcome.type === 'answer' ? typeof reply.outcome.text === 'string' : reply.outcome.calls.length > 0,
          'The reply is empty.',
        );
      },
    };
  }),
  target('model: runs of the Assistants API', 30, () => ({
    input: fc.record({ run: mutated(runs), messages: fc.array(mutated(threadMessage), { maxLength: 2 }) }),
    run: ({ run: read, messages }) => {
      const isObject = (value: Json): value is JsonObject =>
        typeof value === 'object' && value !== null && !Array.isArray(value);
      if (!isObject(read) || !messages.every(isObject)) return;
      const reply = orModelFailure(() =>
        readRun(read as never, messages as unknown as OpenAI.Beta.Threads.Message[], 'sk-1'),
      );
      if (reply?.outcome.type === 'calls')
        must(
          reply.outcome.calls.every(
            ({ callId, arguments: args }) => typeof callId === 'string' && typeof args === 'string',
          ),
          'A call is no text.',
        );
    },
  })),
  target('model: turns of the Assistants API', 10, async () => {
    const database = await openDatabase('sqlite::memory:');
    const objects = fc.oneof(
      mutated(runs),
      mutated(threadMessage),
      fc.constant<Json>({ object: 'list', data: [], has_more: false }),
      fc.constant<Json>({ id: 'thread_1' }),
    );
    return {
      close: () => database.close(),
      input: fc.record({
        answers: fc.array(
          fc.record({
            status,
            body: fc.oneof(jsonText(objects), text),
            type: fc.constant('application/json'),
            retryAfter: fc.constantFrom('', '1'),
          }),
          { minLength: 1, maxLength: 5 },
        ),
      }),
      run: async ({ answers }) => {
        const surface = createAssistantsSurface({
          apiKey: 'sk-test',
          baseURL: 'http://127.0.0.1:9/v1',
          transcripts: database.transcripts,
          pollIntervals: { firstMs: 1, longestMs: 1 },
          fetch: fetchOf(answers),
        });
        const assistant = defineAssistant({ name: 'comms', api: 'assistants', model: 'gpt-5', tools: [refund] });
        const stop = new AbortController();
        const timer = setTimeout(() => stop.abort(new Stopped()), 2_000);
        await orRefusedLater(() => surface.takeTurn(turnOf(assistant, stop.signal)), ModelFailure, Stopped).finally(
          () => clearTimeout(timer),
        );
      },
    };
  }),
];

class Stopped extends Error {
  override readonly message = 'stopped';
}
