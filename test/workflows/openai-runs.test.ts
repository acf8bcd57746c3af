import { randomUUID } from 'node:crypto';
import type { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSurfaces } from '../../src/adapters/openai/surfaces.ts';
import { retrySignal } from '../../src/domain/messages.ts';
import { defineAssistant, defineConfig, type AssistantDefinition } from '../../src/index.ts';
import { startOpenAIStandIn } from '../../src/openai-stand-in/start-openai-stand-in.ts';
import type { Reply } from '../../src/openai-stand-in/scripts/script.ts';
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
let ahead = 0;

/** A stack whose assistant speaks to the stand-in as to OpenAI. */
async function stackFor(assistant: Partial<AssistantDefinition> = {}): Promise<RunStack> {
  const stack = await startRunStack(tools, {
    assistant: { model: 'gpt-5', ...assistant },
    surface: (transcripts) => createSurfaces({ apiKey: 'sk-test', baseURL: standIn.url, transcripts, pollIntervals: { firstMs: 20, longestMs: 50 } }),
    dependencies: { now: () => Date.now() + ahead },
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
const calls = (...args: Array<Record<string, unknown>>): Reply => ({ calls: args.map((each) => ({ name: 'send_mail', arguments: each })) });
/** All turns, of whichever run, that took outputs back to the model. */
const outputTurns = () =>
  standIn.control
    .requests()
    .filter(({ method, body, status }) => method === 'POST' && status === 200 && JSON.stringify(body ?? null).includes('function_call_output'))
    .map(({ body }) => body as { previous_response_id?: string; input: Array<{ type: string; call_id: string; output: string }> });
const ranTo = (to: string) => ran.filter(({ args }) => args['to'] === to);
const failureOf = async (run: StartedRun) => ((await run.result().catch((error: unknown) => error)) as WorkflowFailedError).cause;
const parked = (run: StartedRun) => until('it parks', async () => (await run.view()).parked[0]);
const said = async (run: StartedRun) => (await run.result()).output;

describe('a run on the Responses API', () => {
  it('holds a reviewed call, and goes on from the same response once it is decided', async () => {
    const run = await start([calls({ ...mail, to: 'chain' }), { text: 'All told.' }]);
    await run.decide(await run.approval(), { decision: 'approve' });
    expect(await said(run)).toEqual({ type: 'inline', value: 'All told.' });
    expect(ranTo('chain')).toHaveLength(1);
    const [sent] = outputTurns().slice(-1);
    expect(sent?.previous_response_id).toMatch(/^resp_/);
    expect(sent?.input).toEqual([expect.objectContaining({ type: 'function_call_output', output: '{"sent":500}' })]);
  });

  it('F1 F2 F3 answers malformed calls, unknown tools and a rejection beside an approved call in one request', async () => {
    const run = await start([
      { calls: [{ name: 'send_mail', arguments: '{"to":' }, { name: 'send_fax', arguments: {} }, { name: 'send_mail', arguments: { to: 'f3 no', count: 50 } }, { name: 'send_mail', arguments: { to: 'f3 yes', count: 50 } }] },
      { text: 'ok' },
    ]);
    const waiting = await until('both wait', async () => {
      const open = (await run.view()).calls.filter(({ state }) => state === 'waiting');
      return open.length === 2 && open;
    });
    await run.decide(waiting[0]?.approval?.id ?? '', { decision: 'reject' });
    await run.decide(waiting[1]?.approval?.id ?? '', { decision: 'approve' });
    await run.result();
    const sent = outputTurns().at(-1);
    expect(sent?.input.map(({ output }) => output)).toEqual([
      expect.stringContaining('not valid JSON'),
      'Unknown tool "send_fax". Available tools: send_mail, huge.',
      'Security system denied this specific action.',
      '{"sent":50}',
    ]);
    expect(ranTo('f3 no')).toEqual([]);
    expect(ranTo('f3 yes')).toHaveLength(1);
  });

  it('F4 tells the model when a result was obtained that waited long for its siblings', async () => {
    const run = await start([calls({ ...mail, to: 'f4' }, few), { text: 'ok' }]);
    const id = await run.approval();
    await until('the other is done', async () => (await run.view()).calls.some(({ state }) => state === 'done'));
    ahead = 11 * 60_000;
    await run.decide(id, { decision: 'approve' });
    await run.result();
    ahead = 0;
    expect(outputTurns().at(-1)?.input.map(({ output }) => JSON.parse(output))).toEqual([{ sent: 500 }, { result: { sent: 2 }, obtainedAt: expect.stringMatching(/^20\d\d-.*Z$/) }]);
  });

  it('F5 F6 treats identical calls in one response as two, and a call id that comes again in a later turn as new', async () => {
    const same = { to: 'f6', count: 30 };
    const again = { calls: [{ name: 'send_mail', arguments: { to: 'f5', count: 1 }, callId: 'call_again' }] };
    const run = await start([calls(same, same), again, again, { text: 'ok' }]);
    const waiting = await until('both wait', async () => {
      const open = (await run.view()).calls.filter(({ state }) => state === 'waiting');
      return open.length === 2 && open;
    });
    expect(new Set(waiting.map(({ approval }) => approval?.id)).size).toBe(2);
    for (const { approval } of waiting) await run.decide(approval?.id ?? '', { decision: 'approve' });
    await run.result();
    expect(ranTo('f6')).toHaveLength(2);
    expect(new Set(ranTo('f5').map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
  });

  it('F8 reviews a call anew whose arguments grew after an approval', async () => {
    const run = await start([calls({ to: 'f8', count: 20 }), calls({ to: 'f8', count: 9000 }), { text: 'ok' }]);
    const first = await run.approval();
    await run.decide(first, { decision: 'approve' });
    const second = await until('it asks again', async () => {
      const id = await run.approval();
      return id !== first && id;
    });
    await run.decide(second, { decision: 'reject' });
    await run.result();
    expect(ranTo('f8').map(({ args }) => args['count'])).toEqual([20]);
  });

  it('F13 asks again when a reply was lost after the commit, and the tool has run once', async () => {
    const run = await start([calls({ to: 'f13', count: 1 }), { text: 'ok' }]);
    standIn.control.fault({ kind: 'drop_after_commit', match: { method: 'POST', text: run.text, outputs: true } });
    await run.result();
    expect(ranTo('f13')).toHaveLength(1);
  });

  it('F15 ends with the words of a refusal, and says so', async () => {
    const run = await start([{ refusal: 'I can not do that.' }]);
    expect(await run.result()).toMatchObject({ output: { type: 'inline', value: 'I can not do that.' }, refused: true });
  });

  it('F16 never runs a half-written call of a response that was cut off', async () => {
    const run = await start([{ ...calls({ to: 'f16', count: 1 }), incomplete: 'max_output_tokens' }]);
    expect(await failureOf(run)).toMatchObject({ type: 'ModelIncomplete' });
    expect(ranTo('f16')).toEqual([]);
  });

  it('F17 fails visibly when the content is refused, after an action as before one', async () => {
    const run = await start([calls({ to: 'f17', count: 1 }), { incomplete: 'content_filter' }]);
    expect(await failureOf(run)).toMatchObject({ type: 'ModelBlocked' });
    expect(ranTo('f17')).toHaveLength(1);
  });

  it('F18 comes back after a rate limit, when the server says', async () => {
    const run = await start([{ text: 'here' }]);
    standIn.control.fault({ kind: 'rate_limit', retryAfterSeconds: 1, match: { text: run.text }, times: 2 });
    expect(await said(run)).toEqual({ type: 'inline', value: 'here' });
  });

  it('F19 parks on an exhausted quota, and goes on after retry', async () => {
    const blocked = standIn.control.fault({ kind: 'insufficient_quota', match: { outputs: true }, times: 'always' });
    const run = await start([calls({ to: 'f19', count: 1 }), { text: 'ok' }]);
    expect(await parked(run)).toMatchObject({ type: 'QuotaExhausted' });
    expect(blocked.happened()).toBe(1);
    blocked.remove();
    await run.signal(retrySignal);
    await run.result();
    expect(ranTo('f19')).toHaveLength(1);
  });

  it('F24 cuts what is too large for the model, and keeps it out of the history', async () => {
    const run = await start([{ calls: [{ name: 'huge', arguments: few }] }, { text: 'ok' }]);
    await run.result();
    const sent = standIn.control.requests().filter(({ method }) => method === 'POST').at(-1);
    expect(sent?.bodyCharacters).toBeGreaterThan(10_000_000);
    expect(sent?.bodyCharacters).toBeLessThan(10_500_000);
    const { historySize } = await stack.client.workflow.getHandle(run.id).describe();
    expect(historySize).toBeLessThan(100_000);
  });

  it('F30 replays the transcript when the stored response is gone after the wait', async () => {
    const run = await start([calls({ to: 'f30', count: 40 }), { text: 'from memory' }]);
    const id = await run.approval();
    standIn.control.fault({ kind: 'forget_parent', match: { outputs: true } });
    await run.decide(id, { decision: 'approve' });
    expect(await said(run)).toEqual({ type: 'inline', value: 'from memory' });
    const sent = outputTurns().at(-1);
    expect(sent?.previous_response_id).toBeUndefined();
    expect(sent?.input.map(({ type }) => type)).toEqual(expect.arrayContaining(['function_call', 'function_call_output']));
    expect(ranTo('f30')).toHaveLength(1);
  });

  it('F30 parks on a model that was retired meanwhile, and goes on with the one the next deploy names', async () => {
    const own = await stackFor({ model: 'gpt-old' });
    const run = await start([calls({ to: 'retired', count: 40 }), { text: 'new here' }], own);
    const id = await run.approval();
    standIn.control.retireModel('gpt-old');
    await run.decide(id, { decision: 'approve' });
    expect(await parked(run)).toMatchObject({ type: 'ModelRetired', message: expect.stringContaining('gpt-old') });
    own.dependencies.config = defineConfig({ assistants: [defineAssistant({ name: 'tester', model: 'gpt-new', tools: [...tools] })] });
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

  it('waits for a conversation that somebody else holds', async () => {
    const own = await stackFor({ conversation: 'run' });
    const locked = standIn.control.fault({ kind: 'conversation_locked', match: { method: 'POST', path: '/v1/responses', outputs: true } });
    const run = await start([calls({ to: 'locked', count: 1 }), { text: 'done' }], own);
    await run.result();
    expect(locked.happened()).toBe(1);
    expect(ranTo('locked')).toHaveLength(1);
  });
});
