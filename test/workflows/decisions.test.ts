import { tool as agentsTool } from '@openai/agents';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import { fromAgentsTool } from '../../src/index.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailParameters, mailTool } from '../support/tools.ts';

const { tool, ran } = mailTool();
const faxed: Array<{ count: number; callId: string | undefined }> = [];
const fax = fromAgentsTool(
  agentsTool({
    name: 'send_fax',
    description: 'Sends a fax.',
    parameters: mailParameters,
    errorFunction: null,
    needsApproval: true,
    execute: async ({ count }, _runContext, details) => {
      faxed.push({ count, callId: details?.toolCall?.callId });
      return { faxed: count };
    },
  }),
  { effect: 'at-most-once' },
);
const many = { to: 'all', count: 500 };
const few = { to: 'bob', count: 2 };
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool, fax]);
});
afterAll(() => stack.stop());

const ranFor = (id: string) => ran.filter(({ idempotencyKey }) => idempotencyKey.includes(id));

describe('decision', () => {
  it('approved → the tool runs once with the approved arguments, the model gets its result', async () => {
    const run = await stack.start([calling(call('send_mail', many, 'call_approved')), answering('sent')]);
    await run.decide(await run.approval(), { decision: 'approve', note: 'Verified maintenance window scheduled.' });
    expect((await run.result()).output).toEqual({ type: 'inline', value: 'sent' });
    expect(run.told()).toEqual(['{"sent":500}']);
    expect(ranFor('call_approved')).toEqual([expect.objectContaining({ args: many, attempt: 1 })]);
  });

  it('approved with an edit → a tool of @openai/agents runs the edit under the call key', async () => {
    const run = await stack.start([calling(call('send_fax', many, 'call_fax')), answering('sent')]);
    await run.decide(await run.approval('send_fax'), {
      decision: 'approve',
      modifiedDetails: { to: 'all', count: 50 },
    });
    await run.result();
    expect(run.told()).toEqual(['{"result":{"faxed":50},"changedByReviewer":{"count":{"from":500,"to":50}}}']);
    expect(faxed).toEqual([{ count: 50, callId: expect.stringMatching(/\/1\/0\/call_fax$/) }]);
  });

  it('rejected → the tool never runs, the model gets the fixed text with the note', async () => {
    const run = await stack.start([calling(call('send_mail', many, 'call_rejected'))]);
    await run.decide(await run.approval(), { decision: 'reject', note: 'Not today' });
    await run.result();
    expect(run.told()).toEqual(["Security system denied this specific action. Reviewer's note: Not today"]);
    expect(ranFor('call_rejected')).toEqual([]);
  });

  it('approved with an edit → the edited arguments run, the model is told the changes', async () => {
    const run = await stack.start([calling(call('send_mail', many, 'call_edited'))]);
    await run.decide(await run.approval(), {
      decision: 'approve',
      modifiedDetails: { to: 'all', count: 50 },
      note: 'Fewer',
    });
    await run.result();
    expect(run.told()).toEqual([
      '{"result":{"sent":50},"changedByReviewer":{"count":{"from":500,"to":50}},"reviewerNote":"Fewer"}',
    ]);
    expect(ranFor('call_edited').map(({ args }) => args)).toEqual([{ to: 'all', count: 50 }]);
  });

  it('policy without review → no request', async () => {
    const run = await stack.start([calling(call('send_mail', few, 'call_few'))]);
    expect((await run.result()).toolCalls).toBe(1);
    expect(ranFor('call_few')).toHaveLength(1);
  });

  it('parallel calls → each decision reaches its own call', async () => {
    const run = await stack.start([
      calling(
        call('send_mail', { to: 'a', count: 100 }, 'call_a'),
        call('send_mail', few, 'call_b'),
        call('send_mail', { to: 'c', count: 300 }, 'call_c'),
      ),
    ]);
    await run.approval();
    const view = await run.view();
    const idOf = async (callId: string): Promise<string> => {
      for (;;) {
        const id = (await run.view()).calls.find((each) => each.callId === callId)?.approval?.id;
        if (id !== undefined) return id;
      }
    };
    await run.decide(await idOf('call_c'), { decision: 'approve' });
    await run.decide(await idOf('call_a'), { decision: 'reject' });
    await run.result();
    expect(view.calls).toHaveLength(3);
    expect(run.told()).toEqual(['Security system denied this specific action.', '{"sent":2}', '{"sent":300}']);
    expect(
      ran.filter(({ idempotencyKey }) => /call_[abc]$/.test(idempotencyKey)).map(({ args }) => args['to']),
    ).toEqual(['bob', 'c']);
  });
});

describe('hint of a decision', () => {
  it('forged → nothing changes', async () => {
    const run = await stack.start([calling(call('send_mail', many, 'call_forged'))]);
    const id = await run.approval();
    const { key } = (await run.view()).calls[0] ?? { key: '' };
    for (const news of [
      { callKey: key },
      { callKey: key, request: 1, approvalId: 'req_other' },
      { callKey: 'x' },
      { approvalId: id, status: 'APPROVED' },
      'nonsense',
      null,
      42,
    ])
      await run.signal(decidedSignal, news);
    await expect.poll(async () => (await run.view()).calls[0]?.state).toBe('waiting');
    expect(ranFor('call_forged')).toEqual([]);
    await run.decide(id, { decision: 'reject' });
    await run.result();
    expect(ranFor('call_forged')).toEqual([]);
  });

  it('twice or late → the tool runs once', async () => {
    const run = await stack.start([
      calling(call('send_mail', many, 'call_twice')),
      calling(call('send_mail', { to: 'z', count: 77 }, 'call_late')),
    ]);
    const first = await run.approval();
    const { key } = (await run.view()).calls[0] ?? { key: '' };
    await run.decide(first, { decision: 'approve' });
    await run.signal(decidedSignal, { callKey: key, request: 1, approvalId: first });
    const second = await run.approval();
    expect(second).not.toBe(first);
    await run.signal(decidedSignal, { callKey: key, request: 1, approvalId: first });
    await run.decide(second, { decision: 'reject' });
    await run.result();
    expect(ranFor('call_twice')).toHaveLength(1);
    expect(ranFor('call_late')).toEqual([]);
  });
});
