import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { probeModel } from '../../src/adapters/openai/probe-model.ts';
import { defineAssistant, type AssistantDefinition } from '../../src/index.ts';
import { startOpenAIStandIn } from '@holdpoint/openai-stand-in';
import { checkOf } from '../../src/cli/doctor-model.ts';
import { call, message, startOddModelServer, type OddAnswer } from '../support/odd-model-server.ts';

const asks: OddAnswer = ({ outputs, reply }) =>
  reply(outputs.length === 0 ? call({ word: 'ready' }, { name: 'holdpoint_probe' }) : message('ready'));
const refusing =
  (field: string): OddAnswer =>
  (request) =>
    field in request.body
      ? request.context.json({ error: { param: field, message: `'${field}' is not supported` } }, 400)
      : asks(request);

const unnamed: OddAnswer = ({ context }) => context.json({ error: { message: 'Bad request.' } }, 400);

async function check(answer: OddAnswer, definition: Partial<AssistantDefinition> = {}) {
  const server = await startOddModelServer(answer);
  onTestFinished(() => server.close());
  const assistant = defineAssistant({ name: 'support', model: 'odd', ...definition });
  return { row: checkOf(assistant, await probeModel(assistant, { apiKey: 'k', baseURL: server.url })), server };
}

describe('doctor --model: difference of a server → the settings to write', () => {
  it.each<[string, OddAnswer, string]>([
    ['previous_response_id refused', refusing('previous_response_id'), 'chain: false'],
    [
      'previous_response_id ignored',
      (request) => asks({ ...request, reply: (...items) => Response.json({ id: 'r', output: items }) }),
      'chain: false',
    ],
    ['store refused', refusing('store'), 'store: undefined'],
    ['parallel_tool_calls refused', refusing('parallel_tool_calls'), 'parallelToolCalls: undefined'],
    ['metadata refused', refusing('metadata'), 'modelSettings: { metadata: undefined }'],
    [
      'stream refused',
      (request) => (request.body['stream'] ? refusing('stream')(request) : asks(request)),
      'modelSettings: { stream: false }',
    ],
  ])('%s', async (_name, answer, setting) => {
    const { row } = await check(answer);
    expect(row).toMatchObject({ name: 'support', state: 'ok', todo: expect.stringContaining(setting) as unknown });
  });

  it.each<[string, OddAnswer, string, Partial<AssistantDefinition>]>([
    [
      'a setting of yours',
      (request) => ('temperature' in request.body ? unnamed(request) : asks(request)),
      'modelSettings without temperature',
      { modelSettings: { temperature: 0 } },
    ],
    [
      'tool_choice',
      (request) => (request.body['tool_choice'] ? unnamed(request) : asks(request)),
      'modelSettings without tool_choice',
      { modelSettings: { tool_choice: 'required' } },
    ],
    [
      'strict',
      (request) => (JSON.stringify(request.body['tools']).includes('"strict":') ? unnamed(request) : asks(request)),
      'strict: undefined',
      {},
    ],
    [
      'metadata',
      (request) => ('metadata' in request.body ? unnamed(request) : asks(request)),
      'modelSettings: { metadata: undefined }',
      {},
    ],
  ])(
    '%s refused without being named: found by leaving out one after the other',
    async (_name, answer, setting, definition) => {
      const { row } = await check(answer, definition);
      expect(row).toMatchObject({ state: 'failed', todo: expect.stringContaining(setting) as unknown });
    },
  );

  it('advice followed → no finding, no refused request', async () => {
    const answer: OddAnswer = (request) => {
      const field = ['previous_response_id', 'parallel_tool_calls'].find((name) => name in request.body);
      return field ? refusing(field)(request) : asks(request);
    };
    expect((await check(answer)).row.todo).toBe(
      "Write in defineAssistant({ name: 'support', … }): chain: false, parallelToolCalls: undefined.",
    );
    const { row, server } = await check(answer, { chain: false, parallelToolCalls: undefined });
    expect(row).not.toHaveProperty('todo');
    expect(server.bodies).toHaveLength(2);
  });

  it('call without arguments, answer without a call → reported', async () => {
    expect(
      (await check(({ outputs, reply }) => reply(outputs.length === 0 ? call('') : message('ok')))).row.found,
    ).toContain('had no arguments');
    expect((await check(({ reply }) => reply(message('Hello.')))).row.found).toMatch(
      /two turns went through; the model answered without calling the tool/,
    );
  });

  it('unknown model → failed with the reason', async () => {
    const { row } = await check(({ context }) =>
      context.json({ error: { message: 'The model `odd` does not exist.' } }, 404),
    );
    expect(row).toMatchObject({ state: 'failed', found: expect.stringContaining('ModelRetired') as unknown });
  });
});

describe('holdpoint doctor --model, as a command', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(import.meta.dirname, 'doctor-'));
    await writeFile(
      join(directory, 'holdpoint.config.ts'),
      `import { defineAssistant, defineConfig } from 'holdpoint';
export default defineConfig({ assistants: [defineAssistant({ name: 'one', model: 'm' }), defineAssistant({ name: 'old', model: 'm', api: 'assistants' })] });
`,
    );
  });
  afterAll(() => rm(directory, { recursive: true }));
  const doctor = async (baseURL: string, ...words: string[]) => {
    const { PATH } = process.env;
    const command = [
      '--conditions=holdpoint-source',
      join(import.meta.dirname, '../../src/cli.ts'),
      'doctor',
      '--json',
      ...words,
    ];
    const run = promisify(execFile)(process.execPath, command, {
      cwd: directory,
      env: { PATH, OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: baseURL },
    });
    const { stdout } = (await run.catch((error: unknown) => error)) as { stdout: string };
    return JSON.parse(stdout) as unknown;
  };

  it('both APIs → one row for each assistant', async () => {
    const standIn = await startOpenAIStandIn();
    onTestFinished(() => standIn.close());
    expect(await doctor(standIn.url, '--model')).toMatchObject({
      ok: true,
      checks: [
        { name: 'one', state: 'ok' },
        { name: 'old', state: 'ok' },
      ],
    });
  });

  it('named assistant, server with a difference → its setting', async () => {
    const server = await startOddModelServer(refusing('previous_response_id'));
    onTestFinished(() => server.close());
    expect(await doctor(server.url, '--model', 'one')).toMatchObject({
      ok: true,
      checks: [{ name: 'one', todo: expect.stringContaining('chain: false') as unknown }],
    });
  });

  it('unknown assistant → the known names', async () => {
    expect(await doctor('http://127.0.0.1:1/v1', '--model', 'two')).toMatchObject({
      ok: false,
      checks: [{ todo: 'It has: one, old.' }],
    });
  });
});
