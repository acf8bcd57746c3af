import type { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { startStandInStack, type ModelledRun, type StandInStack } from '../support/stand-in-stack.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const mail = (to: string, count = 500) => ({ name: 'send_mail', arguments: { to, count } });
const ranTo = (to: string) => ran.filter(({ args }) => args['to'] === to);

let stack: StandInStack;
beforeAll(async () => {
  stack = await startStandInStack([tool], { api: 'assistants' });
});
afterAll(() => stack.stop());

const failureOf = async (run: ModelledRun) =>
  ((await run.result().catch((error: unknown) => error)) as WorkflowFailedError).cause;
const parked = (run: ModelledRun) => until('it parks', async () => (await run.view()).parked[0]);
const runsOf = (run: ModelledRun) =>
  stack.control
    .assistantRuns()
    .filter(({ metadata }) => (metadata as { holdpoint_run?: string }).holdpoint_run === run.id);

describe('Assistants API: run', () => {
  it.each(['/threads', '/messages', '/runs', '/submit_tool_outputs'])(
    'F13 reply to POST …%s lost after the commit → continues',
    async (path) => {
      const fault = stack.control.fault({ kind: 'drop_after_commit', match: { method: 'POST', path: `*${path}` } });
      const run = await stack.start([{ calls: [mail(`f13 ${path}`, 1)] }, { text: 'ok' }]);
      await run.result();
      expect(fault.happened()).toBe(1);
      expect(ranTo(`f13 ${path}`)).toHaveLength(1);
      expect(runsOf(run)).toHaveLength(1);
    },
  );

  it('same definition → the OpenAI assistant is reused; changed definition → a new one', async () => {
    const made = async () => (await stack.openai.beta.assistants.list()).data.map(({ id }) => id);
    const first = await stack.start([{ text: '1' }]);
    await first.result();
    const before = await made();
    await stack.redeploy();
    await (await stack.start([{ text: '2' }])).result();
    expect(await made()).toEqual(before);
    const { config } = stack.dependencies;
    stack.dependencies.config = defineConfig({
      assistants: [
        defineAssistant({ name: 'tester', api: 'assistants', model: 'gpt-5', instructions: 'Be kind.', tools: [tool] }),
      ],
    });
    await stack.redeploy();
    await (await stack.start([{ text: '3' }])).result();
    expect(await made()).toHaveLength(before.length + 1);
    stack.dependencies.config = config;
    await stack.redeploy();
  });
});

describe('Assistants API: end of the OpenAI run', () => {
  it.each([
    ['F16', { text: 'half', incomplete: 'max_completion_tokens' }, 'ModelIncomplete'],
    ['F16', { text: 'half', incomplete: 'max_prompt_tokens' }, 'ModelIncomplete'],
    ['F17', { incomplete: 'content_filter' }, 'ModelBlocked'],
    ['F17', { failed: { code: 'invalid_prompt' } }, 'ModelBlocked'],
    ['an unknown code', { failed: { code: 'never_heard_of' } }, 'ModelResponseFailed'],
  ] as const)('%s after an effect: %j → fails as %s, nothing runs again', async (name, reply, type) => {
    const to = `${name} ${JSON.stringify(reply)}`;
    const run = await stack.start([{ calls: [mail(to, 1)] }, reply]);
    expect(await failureOf(run)).toMatchObject({ type });
    expect(ranTo(to)).toHaveLength(1);
  });

  it.each(['rate_limit_exceeded', 'server_error'])(
    'F18 %s at the start and after an effect → new runs',
    async (code) => {
      const run = await stack.start([
        { failed: { code } },
        { calls: [mail(code, 1)] },
        { failed: { code } },
        { calls: [mail(code, 1)] },
        { text: 'ok' },
      ]);
      await run.result();
      expect(ranTo(code)).toHaveLength(1);
      expect(runsOf(run).map(({ status }) => status)).toEqual(['failed', 'failed', 'completed']);
    },
  );

  it('F19 quota exhausted, reported as a rate limit → parks; retry → continues', async () => {
    const run = await stack.start([
      { calls: [mail('f19', 1)] },
      {
        failed: {
          code: 'rate_limit_exceeded',
          message: 'You exceeded your current quota, please check your plan and billing details.',
        },
      },
      { text: 'ok' },
    ]);
    expect(await parked(run)).toMatchObject({ type: 'QuotaExhausted' });
    await run.signal(retrySignal);
    expect(await run.result()).toMatchObject({ output: { value: 'ok' } });
    expect(ranTo('f19')).toHaveLength(1);
  });

  it('OpenAI run is cancelling → waits for its end, then starts another', async () => {
    const run = await stack.start([{ calls: [mail('cancelling')] }, { text: 'ok' }]);
    const approval = await run.approval();
    const [{ id, thread_id } = { id: '', thread_id: '' }] = runsOf(run);
    await stack.openai.beta.threads.runs.cancel(id, { thread_id });
    const hung = stack.control.fault({ kind: 'hold', match: { method: 'GET', path: `*/runs/${id}` } });
    await run.decide(approval, { decision: 'approve' });
    await until('it looks', () => hung.happened() > 0);
    hung.remove();
    await run.result();
    expect(runsOf(run).map(({ status }) => status)).toEqual(['cancelled', 'completed']);
    expect(ranTo('cancelling')).toHaveLength(1);
  });

  it('F20 OpenAI run cancelled while the model works → a new run', async () => {
    const slow = stack.control.fault({ kind: 'stay_in_progress', match: { path: '/v1/threads/*/runs' } });
    const run = await stack.start([{ text: 'ok' }]);
    const [{ id, thread_id }] = await until('it works', () => {
      const runs = runsOf(run);
      return runs[0] && ([runs[0]] as const);
    });
    await stack.openai.beta.threads.runs.cancel(id, { thread_id });
    await run.result();
    expect(slow.happened()).toBe(1);
    expect(runsOf(run).map(({ status }) => status)).toEqual(['cancelled', 'completed']);
  });
});

describe('Assistants API: thread locked by another client', () => {
  it('locked between message and run → waits', async () => {
    const run = await stack.start([{ calls: [mail('locked')] }, { text: 'theirs' }, { text: 'ours' }]);
    const approval = await run.approval();
    stack.advance(11 * 60_000);
    const held = stack.control.fault({ kind: 'hold', match: { method: 'POST', path: '*/runs' } });
    await run.decide(approval, { decision: 'approve' });
    await until('its message stands', () => held.happened() > 0);
    const [{ thread_id, assistant_id } = { thread_id: '', assistant_id: '' }] = runsOf(run);
    await stack.openai.beta.threads.runs.create(thread_id, { assistant_id });
    held.remove();
    expect(await run.result()).toMatchObject({ output: { value: 'ours' } });
    expect(
      stack.control
        .requests()
        .filter(({ method, path }) => method === 'POST' && path.endsWith(`${thread_id}/runs`))
        .map(({ status }) => status),
    ).toEqual([200, 400, 200, 200]);
    const { data } = await stack.openai.beta.threads.messages.list(thread_id, { order: 'asc' });
    expect(data.filter(({ role }) => role === 'user')).toHaveLength(2);
    expect(ranTo('locked')).toHaveLength(1);
  });
});

describe('Assistants API: F30 retired during the wait', () => {
  it('model retired → parks; next deploy with another model → continues', async () => {
    const own = await startStandInStack([tool], { api: 'assistants', assistant: { model: 'gpt-old' } });
    const run = await own.start([{ calls: [mail('gpt-old')] }, { text: 'new here' }]);
    const approval = await run.approval();
    own.advance(11 * 60_000);
    own.control.retireModel('gpt-old');
    await run.decide(approval, { decision: 'approve' });
    expect(await parked(run)).toMatchObject({
      type: 'ModelRetired',
      message: expect.stringContaining('gpt-old') as string,
    });
    own.dependencies.config = defineConfig({
      assistants: [defineAssistant({ name: 'tester', api: 'assistants', model: 'gpt-new', tools: [tool] })],
    });
    await own.redeploy();
    await run.signal(retrySignal);
    expect(await run.result()).toMatchObject({ output: { value: 'new here' } });
    expect(ranTo('gpt-old')).toHaveLength(1);
    await own.stop();
  });

  it('F34 API retired → the error names `responses`, where the run continues with the decision', async () => {
    const own = await startStandInStack([tool], { api: 'assistants' });
    const run = await own.start([{ text: 'I will mail all.', calls: [mail('retired')] }, { text: 'All told.' }]);
    const approval = await run.approval();
    own.control.retireAssistants();
    const before = own.control.requests().length;
    await run.decide(approval, { decision: 'approve' });
    expect(await parked(run)).toMatchObject({
      type: 'ModelRetired',
      message: expect.stringMatching(
        /^The server has no Assistants API: every path answers 404\..*Write api: 'responses' in the assistant "tester"/,
      ) as string,
    });
    expect(own.control.requests().length - before).toBeLessThan(10);
    own.dependencies.config = defineConfig({
      assistants: [defineAssistant({ name: 'tester', model: 'gpt-5', tools: [tool] })],
    });
    await own.redeploy();
    await run.signal(retrySignal);
    expect(await run.result()).toMatchObject({ output: { value: 'All told.' } });
    const [sent] = own.control.requests().filter(({ method, path }) => method === 'POST' && path === '/v1/responses');
    expect(sent?.body).toMatchObject({
      input: [
        { type: 'message', role: 'user', content: run.text },
        { type: 'message', role: 'assistant', content: 'I will mail all.' },
        {
          type: 'function_call',
          call_id: expect.any(String) as string,
          name: 'send_mail',
          arguments: '{"to":"retired","count":500}',
        },
        { type: 'function_call_output', call_id: expect.any(String) as string, output: '{"sent":500}' },
      ],
    });
    expect(ranTo('retired')).toHaveLength(1);
    await own.stop();
  });
});
