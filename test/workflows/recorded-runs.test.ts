import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/client.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { mailTool } from '../support/tools.ts';

const mail = mailTool();
const merging = mailTool({ name: 'merging', edits: 'merge', review: 'always' });
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([mail.tool, merging.tool]);
});
afterAll(() => stack.stop());

async function recordOf(id: string): Promise<RunRecord> {
  return (await stack.holdpoint.runs.get(id)).record as RunRecord;
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;

describe('record of a run', () => {
  it('closed run → turns, calls, arguments, requests, decisions with reviewer and edit, outputs, attempts', async () => {
    const run = await stack.start([
      calling(
        call('send_mail', { to: 'few', count: 3 }),
        call('send_mail', { to: 'all', count: 500 }),
        call('send_mail', { to: 'vips', count: 70 }),
        call('nothing', {}),
      ),
      answering('Sent.'),
    ]);
    const edited = await run.approval();
    const [first, second] = (await run.view()).calls.filter(({ state }) => state === 'waiting');
    const toEdit = first?.approval?.id === edited ? first : second;
    const toReject = toEdit === first ? second : first;
    const [kept, refused] = [toEdit, toReject].map((each) => each?.key);
    await run.decide(edited, {
      decision: 'approve',
      modifiedDetails: { to: 'all', count: 20 },
      note: 'Only the first twenty.',
    });
    await run.decide(toReject?.approval?.id ?? (await run.approval()), {
      decision: 'reject',
      note: 'Not these.',
    });
    await run.result();

    const { turns, missing, earlierTurns } = await recordOf(run.id);
    expect([missing, earlierTurns, turns.length]).toEqual([null, 0, 2]);
    const [turn, last] = turns;
    expect(turn).toMatchObject({ turn: 1, api: 'responses', attempt: 1, answers: 1, startedAt: time, endedAt: time });
    expect(last).toMatchObject({ turn: 2, answer: 'Sent.', calls: [] });
    const byKey = new Map(turn?.calls.map((each) => [each.key, each]));
    expect(byKey.get(kept ?? '')).toMatchObject({
      tool: 'send_mail',
      plan: 'review',
      requests: [{ request: 1, kind: 'call', id: edited, requestedAt: time }],
      decisions: [
        {
          request: 1,
          requestId: edited,
          decision: { outcome: 'approved', by: 'person', edited: true, decidedAt: time },
          reviewer: 'rita',
          rule: null,
          note: 'Only the first twenty.',
          edit: { to: 'all', count: 20 },
          reviewedAgain: null,
        },
      ],
      ranWith: { to: 'all', count: 20 },
      attempts: 1,
      worker: 'worker-1',
      settledAs: 'ran',
      settledAt: time,
      output: expect.stringContaining('changedByReviewer') as string,
    });
    expect(byKey.get(refused ?? '')).toMatchObject({
      decisions: [{ decision: { outcome: 'rejected', by: 'person' }, reviewer: 'rita', note: 'Not these.' }],
      attempts: 0,
      settledAs: 'rejected',
      output: "Security system denied this specific action. Reviewer's note: Not these.",
    });
    expect(turn?.calls[0]).toMatchObject({
      arguments: { to: 'few', count: 3 },
      plan: 'execute',
      decisions: [],
      requests: [],
      ranWith: null,
      settledAs: 'ran',
      output: '{"sent":3}',
    });
    expect(turn?.calls[3]).toMatchObject({
      tool: 'nothing',
      plan: 'answer',
      settledAs: 'answered',
      output: expect.stringContaining('Unknown tool "nothing"') as string,
    });
  });

  it('standalone approval → its call with the decision, after the end', async () => {
    const { id } = await stack.holdpoint.approvals.request({
      assistant: 'tester',
      action: 'refund',
      summary: 'Refund order A-17',
      details: { order: 'A-17' },
    });
    const run = stack.attach(id);
    await run.decide(await run.approval(), { decision: 'approve', note: 'Fine.' });
    await run.result();
    const { approval, turns } = await recordOf(id);
    expect(turns).toEqual([]);
    expect(approval).toMatchObject({
      tool: 'refund',
      requests: [{ request: 1, summary: 'Refund order A-17' }],
      decisions: [{ decision: { outcome: 'approved' }, reviewer: 'rita', note: 'Fine.' }],
      settledAs: 'approved',
      output: null,
    });
  });

  it('open run → the open turn with its calls', async () => {
    const run = await stack.start([calling(call('send_mail', { to: 'all', count: 500 }))]);
    await run.approval();
    expect((await recordOf(run.id)).turns).toMatchObject([
      { turn: 1, calls: [{ settledAs: null, output: null, decisions: [], requests: [{ request: 1 }] }] },
    ]);
    await run.cancel();
  });
});
