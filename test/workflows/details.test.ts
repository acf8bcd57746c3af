import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool } = mailTool({ review: { expiresIn: '3 days' } });
const mail = { to: 'a`*b*`\u202e', count: 500 };

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool]);
});
afterAll(() => stack.stop());

/** The Current Details of a run in Temporal's Web UI. */
async function details({ id }: StartedRun): Promise<string> {
  const metadata = await stack.client.workflow
    .getHandle(id)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

describe('current details', () => {
  it('open run → since when, until when, link, arguments in a code span', async () => {
    const run = await stack.start([calling(call('send_mail', mail)), answering('done')]);
    await run.approval();
    expect(await details(run)).toMatch(
      new RegExp(
        String.raw`^\*\*waiting\*\* · assistant tester · turn 1\n\n- \*\*send\\_mail\*\* waits for a decision since ${time}, until ${time} — \[review it\]\(http\S+\): ` +
          '`` ' +
          String.raw`\{"to":"a` +
          '`' +
          String.raw`\*b\*` +
          '`' +
          String.raw`\\u202e","count":500\}` +
          String.raw` \`\`\n\nArguments and links are those that the run remembers\. .+$`,
      ),
    );
    await run.decide(await run.approval(), { decision: 'approve' });
    await run.result();
    expect(await details(run)).toBe('**completed** · assistant tester · turn 2 · 1 tool call');
  });

  it('cancelled run → cancelled', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await run.approval();
    await run.cancel();
    await run.result().catch(() => undefined);
    expect(await details(run)).toBe('**cancelled** · assistant tester · turn 1 · 0 tool calls');
  });

  it('failed run → the failure', async () => {
    const run = await stack.start([calling(call('send_mail', { ...mail, count: 1 }))], { maxTurns: 1 });
    await run.result().catch(() => undefined);
    expect(await details(run)).toMatch(
      /^\*\*failed\*\* · assistant tester · turn 0 · 0 tool calls\n\nMaxTurnsExceeded: After 1 turns/,
    );
  });

  it('standalone approval → its decision', async () => {
    const asked = await stack.holdpoint.approvals.request({
      action: 'refund',
      summary: 'Refund 20.',
      details: { amount: 20 },
    });
    const run = stack.attach(asked.id);
    await run.decide(await run.approval(), { decision: 'reject' });
    await until('it ends', async () => (await asked.get()).closedAt !== null);
    expect(await details(run)).toMatch(
      /^\*\*completed\*\* · a standalone approval · 1 tool call\n\n\*\*rejected\*\* by person$/,
    );
  });
});
