import { signInReviewer } from '@holdpoint/review-server/contract';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../../src/activities/failure.ts';
import { defineTool } from '../../src/index.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool } = mailTool({ review: { expiresIn: '3 days' } });
const announce = defineTool({
  name: 'announce',
  description: 'Announces.',
  parameters: z.object({}),
  effect: 'idempotent',
  review: {
    by: [
      { group: 'comms', approvals: 2 },
      { group: 'legal', approvals: 1 },
    ],
  },
  execute: () => 'announced',
});
const mail = { to: 'a`*b*`\u202e', count: 500 };

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool, announce], {
    review: {
      reviewers: [
        { name: 'rita', password: 'a good password', roles: ['admin', 'reviewer'] },
        ...['ana', 'ben', 'cleo'].map((name) => ({ name, password: 'a good password' })),
      ],
    },
  });
  const { client } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password');
  await client.call('POST /groups', { body: { name: 'comms', members: ['ana', 'ben'] } });
  await client.call('POST /groups', { body: { name: 'legal', members: ['cleo'] } });
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
  it('open run → link, since when, until when, who may decide, arguments in a code span', async () => {
    const run = await stack.start([calling(call('send_mail', mail)), answering('done')]);
    await run.approval();
    expect(await details(run)).toMatch(
      new RegExp(
        [
          String.raw`^\*\*waiting\*\* · assistant tester · turn 1`,
          '',
          String.raw`\*\*send\\_mail\*\* waits for a decision: \[review it\]\(http\S+\)`,
          '',
          `- since: ${time}`,
          `- until: ${time}`,
          '- who may decide: a reviewer',
          '- arguments: `` ' +
            String.raw`\{"to":"a` +
            '`' +
            String.raw`\*b\*` +
            '`' +
            String.raw`\\u202e","count":500\}` +
            ' ``',
          '',
          String.raw`Arguments and links are those that the run remembers\. .+$`,
        ].join('\n'),
      ),
    );
    await run.decide(await run.approval(), { decision: 'approve' });
    await run.result();
    expect(await details(run)).toMatch(
      new RegExp(
        String.raw`^\*\*completed\*\* · assistant tester · turn 2 · 1 tool call\n\n\*\*Decisions\*\*\n\n- \*\*send\\_mail\*\* was approved by rita at ${time}, and it ran$`,
      ),
    );
  });

  it('stages of groups → who may decide, and the names of all who approved', async () => {
    const run = await stack.start([calling(call('announce', {})), answering('done')]);
    const id = await run.approval();
    expect(await details(run)).toContain('\n- who may decide: 2 of comms, then 1 of legal\n');
    for (const name of ['ana', 'ben', 'cleo']) await vote(name, id, 'approve');
    await run.result();
    expect(await details(run)).toContain('**announce** was approved by ana, ben, cleo at ');
  });

  it('rejection in a stage → the name of the one who rejected', async () => {
    const run = await stack.start([calling(call('announce', {})), answering('done')]);
    const id = await run.approval();
    await vote('ana', id, 'approve');
    await vote('ben', id, 'reject');
    await run.result();
    expect(await details(run)).toMatch(new RegExp(`\\*\\*announce\\*\\* was rejected by ben at ${time}$`));
  });

  it('more than ten decisions → the newest ten', async () => {
    const run = await stack.start([
      ...Array.from({ length: 11 }, (_, index) => calling(call('send_mail', { ...mail, count: 100 + index }))),
      answering('done'),
    ]);
    const decided = new Set<string>();
    for (let index = 0; index < 11; index += 1) {
      const id = await until('the next request', async () => {
        const newest = await run.approval();
        return decided.has(newest) ? undefined : newest;
      });
      decided.add(id);
      await run.decide(id, { decision: 'approve' });
    }
    await run.result();
    expect((await details(run)).match(/was approved/g)).toHaveLength(10);
  });

  it('parked run → since when, the reason, the command', async () => {
    const run = await stack.start([
      () => {
        throw failure('ModelAccessDenied', 'The key was refused.');
      },
    ]);
    await until('it is parked', async () => (await run.view()).state === 'parked');
    expect(await details(run)).toMatch(
      new RegExp(
        String.raw`^\*\*parked\*\* · assistant tester · turn 0\n\n\*\*parked: ModelAccessDenied\*\*\n\n- since: ${time}\n- reason: The key was refused\.\n- then: ` +
          `\`npx holdpoint runs retry ${run.id}\`$`,
      ),
    );
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
      new RegExp(
        String.raw`^\*\*completed\*\* · a standalone approval · 1 tool call\n\n\*\*Decisions\*\*\n\n- \*\*refund\*\* was rejected by rita at ${time}$`,
      ),
    );
  });
});

/** As one of the team. */
async function vote(name: string, id: string, decision: 'approve' | 'reject'): Promise<void> {
  const { client } = await signInReviewer(stack.reviewServer.url, name, 'a good password');
  const { shown } = await client.call('GET /approvals/{id}', { path: { id } });
  await client.call('POST /approvals/{id}/decide', { path: { id }, body: { decision, shown } });
}
