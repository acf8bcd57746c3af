import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createSurfaces } from '../../src/adapters/openai/surfaces.ts';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { defineTool, type AssistantDefinition, type Tool } from '../../src/index.ts';
import { call, events, message, startOddModelServer, type OddAnswer } from '../support/odd-model-server.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { until } from '../support/until.ts';

const closing: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Runs whose model is an odd server, reached over HTTP; `refund` acts once after a person's approval. */
async function stage(answer: OddAnswer, assistant: Partial<AssistantDefinition> = {}, more: readonly Tool[] = []) {
  const refunds: unknown[] = [];
  const refund = defineTool({
    name: 'refund',
    description: 'Refund an order.',
    parameters: z.object({ order: z.string() }),
    effect: 'once',
    review: 'always',
    execute: (args) => {
      refunds.push(args);
      return { refunded: args.order };
    },
  });
  const server = await startOddModelServer(answer);
  const said: string[] = [];
  const stack: RunStack = await startRunStack([refund, ...more], {
    assistant: { model: 'odd', ...assistant },
    surface: (transcripts) =>
      createSurfaces({
        apiKey: 'sk-test',
        baseURL: server.url,
        transcripts,
        log: { info: () => undefined, warn: (_fields, text) => void said.push(text) },
      }),
  });
  closing.push(
    () => server.close(),
    () => stack.stop(),
  );
  return { ...server, stack, refunds, said };
}

const asks: OddAnswer = ({ outputs, reply }) =>
  reply(outputs.length === 0 ? call() : message(`told ${outputs.at(-1)}`));
const done = { output: { type: 'inline', value: 'told {"refunded":"A-17"}' } };

it.each<[string, OddAnswer]>([
  [
    'refused',
    (request) =>
      request.body['previous_response_id']
        ? request.context.json({ error: { message: 'Stateful use is off.' } }, 400)
        : asks(request),
  ],
  [
    'ignored',
    (request) =>
      request.body['previous_response_id']
        ? request.context.json({ id: 'r', output: [message('Which output?')], previous_response_id: null })
        : asks(request),
  ],
  [
    'gone, said inside a stream',
    (request) => (request.body['previous_response_id'] ? events({ type: 'error', code: '404' }) : asks(request)),
  ],
])(
  'continuing a response is %s after an approved effect → completed by the transcript, one effect',
  async (_way, answer) => {
    const { stack, refunds, said } = await stage(answer);
    const run = await stack.start([]);
    await run.decide(await run.approval(), { decision: 'approve' });
    expect(await run.result()).toMatchObject(done);
    expect(refunds).toEqual([{ order: 'A-17' }]);
    expect(said).toHaveLength(1);
  },
);

it('a request refused after an effect → the run parks, is mended and retried, one effect', async () => {
  let mended = false;
  const { stack, refunds } = await stage((request) =>
    request.outputs.length > 0 && !mended
      ? request.context.json({ error: { message: 'Tool outputs must be objects.' } }, 400)
      : asks(request),
  );
  const run = await stack.start([]);
  await run.decide(await run.approval(), { decision: 'approve' });
  expect(await until('it parks', async () => (await run.view()).parked[0])).toMatchObject({
    type: 'ModelRequestRefused',
    message: expect.stringContaining('Tool outputs must be objects.') as unknown,
  });
  mended = true;
  await run.signal(retrySignal);
  expect(await run.result()).toMatchObject(done);
  expect(refunds).toHaveLength(1);
});

it("tool_choice 'required' → one approval, one effect, completed", async () => {
  const { stack, refunds } = await stage(
    (request) => (request.body['tool_choice'] === 'required' ? request.reply(call()) : asks(request)),
    { modelSettings: { tool_choice: 'required' } },
  );
  const run = await stack.start([]);
  await run.decide(await run.approval(), { decision: 'approve' });
  expect(await run.result()).toMatchObject(done);
  expect(refunds).toHaveLength(1);
});

it.each(['', '  ', 'null'])('arguments %j of a tool without parameters → it runs with {}', async (written) => {
  const listed: unknown[] = [];
  const list = defineTool({
    name: 'list_servers',
    description: 'Lists servers.',
    parameters: z.object({}),
    effect: 'idempotent',
    review: 'never',
    execute: (args) => {
      listed.push(args);
      return ['web-1'];
    },
  });
  const { stack } = await stage(
    ({ outputs, reply }) =>
      reply(outputs.length === 0 ? call(written, { name: 'list_servers' }) : message(outputs[0] ?? '')),
    {},
    [list],
  );
  expect(await (await stack.start([])).result()).toMatchObject({ output: { value: '["web-1"]' } });
  expect(listed).toEqual([{}]);
});

it('arguments "" of a tool with required parameters → the model is told, nothing runs', async () => {
  const { stack, refunds } = await stage(({ outputs, reply }) =>
    reply(outputs.length === 0 ? call('') : message(outputs[0] ?? '')),
  );
  expect(await (await stack.start([])).result()).toMatchObject({
    output: { value: expect.stringMatching(/^Invalid arguments for "refund": arguments: not valid JSON/) as unknown },
  });
  expect(refunds).toEqual([]);
});

it.each<[string, () => unknown, string]>([
  ['a text', () => 'Party \u{1F389}'.slice(0, 7), 'Party \u{FFFD}'],
  ['deep in an object', () => ({ lines: [{ '\ud83c': '\ud83c' }] }), '{"lines":[{"\u{FFFD}":"\u{FFFD}"}]}'],
])('half of a surrogate pair in the result of a tool, %s → U+FFFD in its place', async (_place, result, told) => {
  const cut = defineTool({
    name: 'cut',
    description: 'Cuts.',
    parameters: z.object({}),
    effect: 'idempotent',
    review: 'never',
    execute: () => result() as never,
  });
  const { stack, bodies } = await stage(
    (request) =>
      /\\+ud83c/i.test(JSON.stringify(request.body))
        ? request.context.json({ error: { message: 'lone surrogate' } }, 400)
        : request.reply(request.outputs.length === 0 ? call({}, { name: 'cut' }) : message('Done.')),
    {},
    [cut],
  );
  expect(await (await stack.start([])).result()).toMatchObject({ output: { value: 'Done.' } });
  expect(bodies.at(-1)?.['input']).toMatchObject([{ output: told }]);
});
