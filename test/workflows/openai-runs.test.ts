import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSurfaces } from '../../src/adapters/openai/surfaces.ts';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { defineAssistant, defineConfig, type AssistantDefinition } from '../../src/index.ts';
import { type Reply, startOpenAIStandIn } from '@holdpoint/openai-stand-in';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

type StandIn = Awaited<ReturnType<typeof startOpenAIStandIn>>;
const { tool, ran } = mailTool();
const huge = mailTool({ name: 'huge', review: 'never', execute: () => 'x'.repeat(11_000_000) });
const tools = [tool, huge.tool];
const mail = { to: 'all', count: 500 };
const few = { to: 'bob', count: 2 };
let standIn: StandIn;
const stacks: RunStack[] = [];

/** A stack whose assistant speaks to the stand-in as to OpenAI. */
async function stackFor(assistant: Partial<AssistantDefinition> = {}): Promise<RunStack> {
  const stack = await startRunStack(tools, {
    assistant: { model: 'gpt-5', ...assistant },
    surface: (transcripts) =>
      createSurfaces({
        apiKey: 'sk-test',
        baseURL: standIn.url,
        transcripts,
        pollIntervals: { firstMs: 20, longestMs: 50 },
      }),
  });
  stacks.push(stack);
  return stack;
}

let stack: RunStack;
beforeAll(async () => {
  standIn = await startOpenAIStandIn({});
  stack = await stackFor();
});
afterAll(async () => {
  await Promise.all(stacks.map((each) => each.stop()));
  await standIn.close();
});

/** Starts a run whose model says these steps; its text is its own, so that faults can be aimed at it. */
async function start(steps: Reply[], on: RunStack = stack): Promise<StartedRun & { text: string }> {
  const text = `Do it, ${randomUUID()}`;
  standIn.control.script({ when: text, steps });
  return { ...(await on.start([], { input: { type: 'inline', value: text } })), text };
}
const calls = (...args: Array<Record<string, unknown>>): Reply => ({
  calls: args.map((each) => ({ name: 'send_mail', arguments: each })),
});
/** All turns, of whichever run, that took outputs back to the model. */
const outputTurns = () =>
  standIn.control
    .requests()
    .filter(
      ({ method, body, status }) =>
        method === 'POST' && status === 200 && JSON.stringify(body ?? null).includes('function_call_output'),
    )
    .map(
      ({ body }) =>
        body as { previous_response_id?: string; input: Array<{ type: string; call_id: string; output: string }> },
    );
const ranTo = (to: string) => ran.filter(({ args }) => args['to'] === to);
const parked = (run: StartedRun) => until('it parks', async () => (await run.view()).parked[0]);
const said = async (run: StartedRun) => (await run.result()).output;

/* Facts about this API only. test/conformance has the facts that hold for both. */
describe('Responses API: run', () => {
  it('reviewed call → continues from the same response after the decision', async () => {
    const run = await start([calls({ ...mail, to: 'chain' }), { text: 'All told.' }]);
    await run.decide(await run.approval(), { decision: 'approve' });
    expect(await said(run)).toEqual({ type: 'inline', value: 'All told.' });
    expect(ranTo('chain')).toHaveLength(1);
    const [sent] = outputTurns().slice(-1);
    expect(sent?.previous_response_id).toMatch(/^resp_/);
    expect(sent?.input).toEqual([expect.objectContaining({ type: 'function_call_output', output: '{"sent":500}' })]);
  });

  it('F18 rate limit → retries when the server says', async () => {
    const run = await start([{ text: 'here' }]);
    standIn.control.fault({ kind: 'rate_limit', retryAfterSeconds: 1, match: { text: run.text }, times: 2 });
    expect(await said(run)).toEqual({ type: 'inline', value: 'here' });
  });

  it('F24 output too large for the model → cut, and kept out of the history', async () => {
    const run = await start([{ calls: [{ name: 'huge', arguments: few }] }, { text: 'ok' }]);
    await run.result();
    const sent = standIn.control
      .requests()
      .filter(({ method }) => method === 'POST')
      .at(-1);
    expect(sent?.bodyCharacters).toBeGreaterThan(10_000_000);
    expect(sent?.bodyCharacters).toBeLessThan(10_500_000);
    const { historySize } = await stack.client.workflow.getHandle(run.id).describe();
    expect(historySize).toBeLessThan(100_000);
  });

  it('F30 stored response gone after the wait → replays the transcript', async () => {
    const run = await start([calls({ to: 'f30', count: 40 }), { text: 'from memory' }]);
    const id = await run.approval();
    standIn.control.fault({ kind: 'forget_parent', match: { outputs: true } });
    await run.decide(id, { decision: 'approve' });
    expect(await said(run)).toEqual({ type: 'inline', value: 'from memory' });
    const sent = outputTurns().at(-1);
    expect(sent?.previous_response_id).toBeUndefined();
    expect(sent?.input.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['function_call', 'function_call_output']),
    );
    expect(ranTo('f30')).toHaveLength(1);
  });

  it('F30 model retired during the wait → parks; next deploy with another model → continues', async () => {
    const own = await stackFor({ model: 'gpt-old' });
    const run = await start([calls({ to: 'retired', count: 40 }), { text: 'new here' }], own);
    const id = await run.approval();
    standIn.control.retireModel('gpt-old');
    await run.decide(id, { decision: 'approve' });
    expect(await parked(run)).toMatchObject({ type: 'ModelRetired', message: expect.stringContaining('gpt-old') });
    own.dependencies.config = defineConfig({
      assistants: [defineAssistant({ name: 'tester', model: 'gpt-new', tools: [...tools] })],
    });
    await own.redeploy();
    await run.signal(retrySignal);
    expect(await said(run)).toEqual({ type: 'inline', value: 'new here' });
    expect(ranTo('retired')).toHaveLength(1);
  });

  it.each([
    ['that keeps nothing (store: false)', { store: false }],
    ['in a conversation', { conversation: 'run' as const }],
    ['in the background', { background: true as const }],
    ['without streaming', { modelSettings: { stream: false } }],
    ['one call at a time', { parallelToolCalls: false }],
  ])('goes through its wait with a server %s', async (what, assistant) => {
    const own = await stackFor(assistant);
    const run = await start([calls({ to: what, count: 40 }), { text: 'done' }], own);
    await run.decide(await run.approval(), { decision: 'approve' });
    expect(await said(run)).toEqual({ type: 'inline', value: 'done' });
    expect(ranTo(what)).toHaveLength(1);
  });

  it('conversation locked by another client → waits', async () => {
    const own = await stackFor({ conversation: 'run' });
    const locked = standIn.control.fault({
      kind: 'conversation_locked',
      match: { method: 'POST', path: '/v1/responses', outputs: true },
    });
    const run = await start([calls({ to: 'locked', count: 1 }), { text: 'done' }], own);
    await run.result();
    expect(locked.happened()).toBe(1);
    expect(ranTo('locked')).toHaveLength(1);
  });
});
