import { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';

const short = mailTool({ name: 'short_wait', review: { expiresIn: 700 } });
const failing = mailTool({ name: 'failing_wait', review: { expiresIn: 700, onExpiry: 'fail-run' } });
const long = mailTool({ name: 'long_wait', review: { expiresIn: '3 days' } });
const mail = { to: 'all', count: 500 };
let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([short.tool, failing.tool, long.tool]);
});
afterAll(() => stack.stop());

const closedBecause = async (id: string) => {
  const answer = await fetch(`${stack.reviewServer.url}/api/approvals/${id}`, {
    headers: { 'x-api-key': 'cq_test_connection_key' },
  });
  return (await answer.json()) as { status: string; decisionReasonCode: string };
};

describe('deadline', () => {
  it('passed → the request is closed at its source, the model is told the expiry', async () => {
    const run = await stack.start([calling(call('short_wait', mail))]);
    const id = await run.approval();
    await run.result();
    expect(run.told()).toEqual(['Nobody decided on this action in time. It was not carried out.']);
    expect(await closedBecause(id)).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'expired' });
    expect(short.ran).toEqual([]);
  });

  it('passed, while the service does not notice it → the run closes the request by its own timer', async () => {
    const stopped = new Date();
    const unaware = await startRunStack([short.tool], { review: { clock: () => stopped } });
    try {
      const run = await unaware.start([calling(call('short_wait', mail))]);
      await run.approval();
      await run.result();
      expect(run.told()).toEqual(['Nobody decided on this action in time. It was not carried out.']);
      expect(short.ran).toEqual([]);
    } finally {
      await unaware.stop();
    }
  });

  it('passed with onExpiry: fail-run → the run fails', async () => {
    const run = await stack.start([calling(call('failing_wait', mail))]);
    const error = await run.result().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause as ApplicationFailure).toMatchObject({ type: 'ApprovalExpired' });
    expect(failing.ran).toEqual([]);
  });

  it('decision in time → one timer, cancelled', async () => {
    const run = await stack.start([calling(call('long_wait', mail)), answering('ok')]);
    await run.decide(await run.approval(), { decision: 'approve' });
    await run.result();
    const events = await run.events();
    expect(events.filter((event) => event.includes('TIMER'))).toEqual([
      'EVENT_TYPE_TIMER_STARTED',
      'EVENT_TYPE_TIMER_CANCELED',
    ]);
    expect(long.ran).toHaveLength(1);
  });
});
