import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../../src/index.ts';
import { runPage } from '../../src/cli/show-run.ts';
import { signInReviewer } from '@holdpoint/review-server/contract';
import { startHostedCheqpoint } from '../support/hosted-cheqpoint.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const mail = { to: 'all', count: 5 };
let broken = true;
const throwTypeError = () => {
  const order = {} as { customer?: { id: string } };
  return broken ? order.customer!.id : 'done';
};
const throws = (): never => {
  throw new TypeError('no such customer');
};
/** The longest failure: three errors with long texts of three bytes a character. */
const long = (length: number, depth = 2): Error =>
  new Error('長'.repeat(length), { ...(depth > 0 && { cause: long(length, depth - 1) }) });
const odd = (reason: unknown) => () => Promise.reject(reason);
const tools = [
  mailTool({ name: 'long', review: 'never', execute: odd(long(100_000)) }),
  mailTool({ name: 'verbose', review: 'never', execute: odd(long(1_000)) }),
  mailTool({ name: 'object', review: 'never', execute: odd({ code: 'E_ODD', at: 3 }) }),
  mailTool({
    name: 'secretive',
    review: 'never',
    execute: odd(new Error('401: Bearer sk-proj-0123456789abcdef at https://api.example.com/?api_key=0123456789')),
  }),
  {
    tool: defineTool({
      name: 'refining',
      description: 'Checks a name.',
      parameters: z.object({ to: z.string().refine(throws), count: z.number() }),
      effect: 'idempotent',
      review: 'never',
      execute: () => 'done',
    }),
  },
  mailTool({ name: 'refund', review: 'never', execute: throwTypeError }),
  mailTool({ name: 'careful', review: { when: throws } }),
  mailTool({ name: 'misjudged', review: { risk: (() => 'hgh') as never, summary: throws, context: throws } }),
].map(({ tool }) => tool);

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack(tools);
});
afterAll(() => stack.stop());

const retrying = (run: StartedRun) =>
  until('an attempt has failed, and the next one does not run yet', async () => {
    const shown = await stack.holdpoint.runs.get(run.id);
    return typeof shown.retrying[0]?.nextTryAt === 'string' && shown;
  });

describe('tool that throws', () => {
  it('shown with attempt, last error, its file and line, next try; the failure keeps its cause', async () => {
    const run = await stack.start([calling(call('refund', mail, 'call_refund'))]);
    const shown = await retrying(run);
    expect(shown.retrying).toEqual([
      {
        activity: 'settleToolCall',
        callKey: shown.detail?.calls[0]?.key,
        attempt: expect.any(Number),
        lastError: expect.stringMatching(
          /^Attempt \d+ of "refund": Cannot read properties of undefined \(reading 'id'\)$/,
        ),
        at: expect.stringMatching(/throwTypeError .*thrown-errors\.test\.ts:\d+:\d+\)$/),
        nextTryAt: expect.any(String),
      },
    ]);
    const page = runPage(shown);
    expect(page).toMatch(/refund failed: Attempt \d+ of "refund": Cannot read properties/);
    expect(page).toMatch(/attempt \d+ (follows at \d{4}-|runs now)/);
    expect(page).toMatch(/thrown-errors\.test\.ts:\d+/);

    const { raw } = await stack.client.workflow.getHandle(run.id).describe();
    expect(raw.pendingActivities?.[0]?.lastFailure?.cause).toMatchObject({
      applicationFailureInfo: { type: 'TypeError' },
      stackTrace: expect.stringContaining('thrown-errors.test.ts:'),
    });
    broken = false;
    await run.result();
    expect((await stack.holdpoint.runs.get(run.id)).retrying).toEqual([]);
    expect(run.told()).toEqual(['done']);
  });
});

describe('odd errors of a tool', () => {
  it.each([
    ['long', /^Attempt \d+ of "long": 長{100,} …$/],
    ['verbose', /^Attempt \d+ of "verbose": 長{100,} …$/],
    ['object', /^Attempt \d+ of "object": \{"code":"E_ODD","at":3\}$/],
    [
      'secretive',
      /^Attempt \d+ of "secretive": 401: Bearer \[secret\] at https:\/\/api\.example\.com\/\?api_key=\[secret\]$/,
    ],
  ])('%s → shown bounded, with its call, and without secrets', async (tool, says) => {
    const run = await stack.start([calling(call(tool, mail))]);
    const shown = await retrying(run);
    expect(shown.retrying).toMatchObject([
      { callKey: shown.detail?.calls[0]?.key, lastError: expect.stringMatching(says) },
    ]);
    await run.cancel();
  });

  it('a schema that throws → parks, names the tool; the failure has the place', async () => {
    const run = await stack.start([calling(call('refining', mail))]);
    const shown = await retrying(run);
    expect(shown.retrying[0]).toMatchObject({
      activity: 'takeTurn',
      lastError: 'The schema of the tool "refining" threw while it checked arguments: no such customer',
      at: expect.stringMatching(/thrown-errors\.test\.ts:\d+:\d+/),
    });
    expect(await until('it parks', async () => (await run.view()).parked[0])).toMatchObject({
      type: 'ToolKeepsFailing',
      message:
        'The schema of the tool "refining" threw while it checked arguments: no such customer. Fix it, then retry the run.',
    });
    await run.cancel();
  });
});

describe('policy that throws', () => {
  it.each([
    ['careful', ['review.when failed: no such customer; a person is asked to be safe.']],
    [
      'misjudged',
      [
        'review.risk failed: it must return low, medium, high, critical, not hgh; the risk is shown as high.',
        'review.summary failed: no such customer; a plain summary is shown.',
        'review.context failed: no such customer; it is left out.',
      ],
    ],
  ])('%s → the reviewer is told', async (tool, told) => {
    const run = await stack.start([calling(call(tool, mail))]);
    const id = await run.approval();
    const { client } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password');
    const { riskReason } = await client.call('GET /approvals/{id}', { path: { id } });
    for (const sentence of told) expect(riskReason).toContain(sentence);
    await run.cancel();
  });

  it('hosted Cheqpoint, which shows no reason → the summary says it', async () => {
    const hosted = await startHostedCheqpoint();
    const other = await startRunStack(tools, { cheqpointUrl: hosted.url });
    try {
      const run = await other.start([calling(call('careful', mail))]);
      await run.approval();
      expect(hosted.requests[0]?.body['summary']).toBe(
        'tester wants to run careful (review.when failed: no such customer; a person is asked to be safe)',
      );
      await run.cancel();
    } finally {
      await other.stop();
      await hosted.close();
    }
  });
});
