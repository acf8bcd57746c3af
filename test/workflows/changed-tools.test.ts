import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerDependencies } from '../../src/activities/context.ts';
import { createReviewService } from '@holdpoint/cheqpoint';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { defineAssistant, defineConfig, type ExecutingTool, type Tool } from '../../src/index.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { askingTool, mailTool, type mailParameters, type Ran } from '../support/tools.ts';
import { until } from '../support/until.ts';

/* Deploys that change a tool between the request and its execution: the worker restarts with another config. */

const many = { to: 'all', count: 500 };
type Definition = Partial<ExecutingTool<typeof mailParameters>>;
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([], { worker: false });
});
afterAll(() => stack.stop());

const deploy = async (
  tools: Tool[],
  assistant = 'tester',
  more: Partial<WorkerDependencies> = {},
): Promise<{ stop: () => Promise<void> }> =>
  await stack.startWorker({
    ...more,
    config: defineConfig({
      taskQueue: stack.taskQueue,
      assistants: [defineAssistant({ name: assistant, model: 'none', tools })],
    }),
  });
/** A tool whose every attempt begins and fails. */
function brokenMailTool(review: 'always' | 'never') {
  const ran: Ran[] = [];
  const execute = () => {
    ran.push({} as Ran);
    throw new Error('lost');
  };
  return { tool: mailTool({ review, execute }).tool, ran };
}
const start = async (callId: string) =>
  await stack.start([calling(call('send_mail', many, callId)), answering('done')]);
const anotherThan = (run: StartedRun, first: string) =>
  until('it is asked again', async () => {
    const id = await run.approval();
    return id !== first && id;
  });
const asked = async (run: StartedRun) => await stack.database.requests.list((await run.view()).calls[0]?.key as string);

/** A run that was approved while no worker was there, and the worker that a deploy starts then. */
async function approvedBefore(
  tools: Tool[],
  callId: string,
  assistant?: string,
): Promise<{ run: StartedRun; first: string; stop: () => Promise<void> }> {
  const before = await deploy([mailTool({ review: 'always' }).tool]);
  const run = await start(callId);
  const first = await run.approval();
  await before.stop();
  await run.decide(first, { decision: 'approve' });
  return { run, first, ...(await deploy(tools, assistant)) };
}

describe('tool changed after the approval', () => {
  const changed = 'The tool was changed after this was approved';
  const changes: Array<[string, string, () => { tool: Tool; ran: Ran[] }]> = [
    [
      'schema',
      `${changed}.`,
      () =>
        mailTool({
          review: 'always',
          parameters: z.object({ to: z.string(), count: z.number().int().positive().max(1000) }) as never,
        }),
    ],
    ['effect', `${changed}.`, () => mailTool({ review: 'always', effect: 'at-most-once' })],
    [
      'version',
      `${changed}: it had no version and now has version "2".`,
      () => mailTool({ review: 'always', version: '2' }),
    ],
    [
      'risk',
      'The policy of the tool became stricter: the risk is now high, and this was approved as medium.',
      () => mailTool({ review: { risk: 'high' } }),
    ],
  ];
  it.each(changes)('%s changed → reviewed again before it acts, with the reason', async (what, reason, change) => {
    const { tool, ran } = change();
    const { run, first, stop } = await approvedBefore([tool], `call_changed_${what}`);
    const second = await anotherThan(run, first);
    expect(ran).toEqual([]);
    expect((await asked(run))[1]?.request).toMatchObject({
      summary: expect.stringMatching(/ \(asked again\)$/),
      riskReason: expect.stringContaining(reason),
    });
    await run.decide(second, { decision: 'approve' });
    await run.result();
    expect(ran).toHaveLength(1);
    await stop();
  });

  it('arguments no longer valid → not run, the model is told', async () => {
    const { tool, ran } = mailTool({ review: 'always', parameters: z.object({ subject: z.string() }) as never });
    const { run, stop } = await approvedBefore([tool], 'call_other_arguments');
    await run.result();
    expect(run.told()).toEqual([expect.stringMatching(/^Invalid arguments for "send_mail": subject: /)]);
    expect(ran).toEqual([]);
    await stop();
  });

  it('execute removed → reviewed again, nothing runs', async () => {
    const { run, first, stop } = await approvedBefore([askingTool()], 'call_no_execute');
    await run.decide(await anotherThan(run, first), { decision: 'approve' });
    await run.result();
    expect(run.told()).toEqual(['{"success":true}']);
    await stop();
  });

  it.each<[string, Definition]>([
    ['description', { description: 'Sends mail, politely.' }],
    ['time-out', { timeout: '3 minutes' }],
    ['policy', { review: 'never' }],
    ['risk, which is lower now', { review: { risk: 'low' } }],
  ])('changed only in its %s → the approval counts', async (what, change) => {
    const { tool, ran } = mailTool({ review: 'always', ...change });
    const { run, stop } = await approvedBefore([tool], `call_same_${what.slice(0, 4)}`);
    await run.result();
    expect(ran).toHaveLength(1);
    await stop();
  });

  it('tool removed → the model is told the available tools', async () => {
    const { run, stop } = await approvedBefore([mailTool({ name: 'send_fax' }).tool], 'call_gone');
    await run.result();
    expect(run.told()).toEqual(['Unknown tool "send_mail". Available tools: send_fax.']);
    await stop();
  });

  it('assistant removed → parks until the assistant is back', async () => {
    const { run, stop } = await approvedBefore([mailTool().tool], 'call_no_assistant', 'somebody_else');
    expect(await until('it parks', async () => (await run.view()).parked[0])).toMatchObject({
      type: 'UnknownAssistant',
    });
    await stop();
    const { tool, ran } = mailTool({ review: 'always' });
    const back = await deploy([tool]);
    await run.signal(retrySignal);
    await run.result();
    expect(ran).toHaveLength(1);
    await back.stop();
  });
});

describe('tool removed before the request', () => {
  it('removed tool → no request, the model is told', async () => {
    const nowhere = createReviewService({ baseUrl: 'http://127.0.0.1:9', connectionKey: 'cq_test' });
    const first = await deploy([mailTool({ review: 'always' }).tool], 'tester', { review: () => nowhere });
    const run = await start('call_gone_early');
    await until('the review service is not reached', async () => {
      const { raw } = await stack.client.workflow.getHandle(run.id).describe();
      return raw.pendingActivities?.some(
        ({ activityType, attempt }) => activityType?.name === 'requestApproval' && (attempt ?? 0) > 1,
      );
    });
    await first.stop();
    const { stop } = await deploy([mailTool({ name: 'send_fax' }).tool]);
    await run.result();
    expect(run.told()).toEqual(['Unknown tool "send_mail". Available tools: send_fax.']);
    await stop();
  });
});

describe('tool changed after its start', () => {
  it('idempotent changed to `at-most-once` → not run again without a decision', async () => {
    const { tool: broken, ran: before } = brokenMailTool('never');
    const first = await deploy([broken]);
    const run = await start('call_becomes_once');
    await until('it has failed', () => before.length > 0);
    await first.stop();
    const begun = before.length;
    const { tool, ran } = mailTool({ review: 'never', effect: 'at-most-once' });
    const { stop } = await deploy([tool]);
    const id = await run.approval();
    expect((await run.view()).calls[0]).toMatchObject({ approval: { kind: 'outcome' } });
    expect(ran).toEqual([]);
    await run.decide(id, { decision: 'happened' });
    await run.result();
    expect(ran).toEqual([]);
    expect(before).toHaveLength(begun);
    await stop();
  });

  const begunThenChanged = async (callId: string) => {
    const { tool: broken, ran: before } = brokenMailTool('always');
    const first = await deploy([broken]);
    const run = await start(callId);
    const approved = await run.approval();
    await run.decide(approved, { decision: 'approve' });
    await until('it has failed', () => before.length > 0);
    await first.stop();
    const { tool, ran } = mailTool({
      review: 'always',
      parameters: z.object({ to: z.string(), count: z.number().int().positive().max(1000) }) as never,
    });
    const { stop } = await deploy([tool]);
    return { run, ran, stop, second: await anotherThan(run, approved) };
  };
  const begun: Array<[string, Parameters<StartedRun['decide']>[1]]> = [
    ['rejected', { decision: 'reject' }],
    ['approved with other arguments', { decision: 'approve', modifiedDetails: { to: 'all', count: 2 } }],
  ];
  it.each(begun)('started call is now %s → a person is asked for the outcome', async (what, decision) => {
    const { run, ran, stop, second } = await begunThenChanged(`call_begun_${what.slice(0, 8)}`);
    await run.decide(second, decision);
    const outcome = await anotherThan(run, second);
    expect((await run.view()).calls[0]).toMatchObject({ approval: { kind: 'outcome' } });
    await run.decide(outcome, { decision: 'happened' });
    await run.result();
    expect(run.told()).toEqual(['A person confirmed that this action was carried out. Its result is not known.']);
    expect(ran).toEqual([]);
    await stop();
  });

  it('started call approved again → runs under the same key', async () => {
    const { run, ran, stop, second } = await begunThenChanged('call_begun_same');
    await run.decide(second, { decision: 'approve' });
    await run.result();
    expect(ran).toMatchObject([{ args: many }]);
    await stop();
  });

  it('started tool removed → a person is asked; the model is not told that the tool is unknown', async () => {
    const { tool: broken, ran: before } = brokenMailTool('never');
    const first = await deploy([broken]);
    const run = await start('call_begun_and_gone');
    await until('it has failed', () => before.length > 0);
    await first.stop();
    const { stop } = await deploy([mailTool({ name: 'send_fax' }).tool]);
    await run.decide(await run.approval(), { decision: 'give-up' });
    await run.result();
    expect(run.told()).toEqual(['It is unknown whether this action was carried out. Do not repeat it.']);
    await stop();
  });
});
