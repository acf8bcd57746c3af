import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReviewFailure } from '@holdpoint/cheqpoint';
import { NotExecuted, ToolFailed, type ExecutingTool } from '../../src/index.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool, type mailParameters } from '../support/tools.ts';
import { until } from '../support/until.ts';

type Execute = ExecutingTool<typeof mailParameters>['execute'];
const givenUp = 'It is unknown whether this action was carried out. Do not repeat it.';
const confirmed = 'A person confirmed that this action was carried out. Its result is not known.';

/** By call: the result of each attempt of the tool, in turn. After the last one it succeeds. */
const scripts = new Map<string, Array<() => unknown>>();
const acts = new Map<string, number>();
const execute: Execute = async ({ to }, { attempt }) => {
  acts.set(to, (acts.get(to) ?? 0) + 1);
  return (await scripts.get(to)?.shift()?.()) ?? `done ${attempt}`;
};
const throwing = (error: Error) => () => {
  throw error;
};
const lost = throwing(new Error('the connection was lost'));

const tools = [
  mailTool({ name: 'once', effect: 'at-most-once', review: 'never', execute }),
  mailTool({ name: 'idempotent', effect: 'idempotent', review: 'never', execute }),
  mailTool({ name: 'reviewed', effect: 'at-most-once', review: 'always', execute }),
  mailTool({ name: 'by_rule', effect: 'at-most-once', review: 'never', execute }),
  mailTool({ name: 'slow_once', effect: 'at-most-once', review: 'never', timeout: 200, execute }),
  mailTool({ name: 'slow_idempotent', effect: 'idempotent', review: 'never', timeout: 200, execute }),
].map(({ tool }) => tool);

let stack: RunStack;
/** The number of reads of the review server that fail from now on. */
let outages = 0;
beforeAll(async () => {
  stack = await startRunStack(tools, {
    worker: false,
    review: {
      rules: [
        {
          name: 'trusting',
          conditions: [{ field: 'action', operator: 'is', value: 'by_rule:outcome-unknown' }],
          decision: 'approve',
        },
      ],
    },
  });
  const { review } = stack.dependencies;
  stack.dependencies.review = (assistant) => ({
    ...review(assistant),
    read: async (...asked) => {
      outages -= 1;
      if (outages >= 0) throw new ReviewFailure('unavailable', 'The review server is away.', { sent: false });
      return await review(assistant).read(...asked);
    },
  });
  await stack.startWorker();
});
afterAll(() => stack.stop());

/** Starts a run that makes one call of `tool`, whose attempts do as scripted. */
async function start(tool: string, name: string, ...script: Array<() => unknown>): Promise<StartedRun> {
  scripts.set(name, script);
  acts.delete(name);
  return await stack.start([calling(call(tool, { to: name, count: 2 })), answering('done')]);
}
const otherThan = (run: StartedRun, ...known: string[]) =>
  until('another question', async () => {
    const id = await run.approval();
    return !known.includes(id) && id;
  });
const asked = async (run: StartedRun) => await stack.database.requests.list((await run.view()).calls[0]?.key as string);

describe('`at-most-once` tool threw: outcome unknown, a person is asked', () => {
  const answers = [
    ['it happened', { decision: 'happened' }, confirmed, 1],
    ['it did not happen', { decision: 'not-happened' }, 'done 2', 2],
    [
      'it did not happen, as an edit',
      { decision: 'approve', modifiedDetails: { outcome: 'not_happened' } },
      'done 2',
      2,
    ],
    ['give up', { decision: 'give-up' }, givenUp, 1],
  ] as const;
  it.each(answers)('answer "%s"', async (name, answer, told, times) => {
    const run = await start('once', name, lost);
    const id = await run.approval();
    expect((await run.view()).calls[0]).toMatchObject({ approval: { kind: 'outcome', request: 1 } });
    expect((await asked(run))[0]?.request).toMatchObject({
      action: 'once:outcome-unknown',
      details: { outcome: 'happened' },
      riskReason: 'the connection was lost',
    });
    expect((await asked(run))[0]?.request).not.toHaveProperty('justification');
    await run.decide(id, answer);
    await run.result();
    expect(run.told()).toEqual([told]);
    expect(acts.get(name)).toBe(times);
  });

  it('second start also unknown → asked again, an earlier answer counts for its start only', async () => {
    const run = await start('once', 'twice unknown', lost, lost);
    const first = await run.approval();
    await run.decide(first, { decision: 'approve', modifiedDetails: { outcome: 'not_happened' } });
    const second = await otherThan(run, first);
    expect(acts.get('twice unknown')).toBe(2);
    await run.decide(second, { decision: 'happened' });
    await run.result();
    expect(run.told()).toEqual([confirmed]);
    expect(acts.get('twice unknown')).toBe(2);
  });

  it('reviewed call did not happen → runs once more on its own approval', async () => {
    const run = await start('reviewed', 'approved before', lost);
    const first = await run.approval();
    await run.decide(first, { decision: 'approve' });
    const second = await otherThan(run, first);
    await run.decide(second, { decision: 'approve', modifiedDetails: { outcome: 'not_happened' } });
    await run.result();
    expect(run.told()).toEqual(['done 2']);
    expect(acts.get('approved before')).toBe(2);
  });

  it('answered by a rule → given up', async () => {
    const run = await start('by_rule', 'by a rule', lost);
    await run.result();
    expect(run.told()).toEqual([givenUp]);
    expect(acts.get('by a rule')).toBe(1);
  });

  it('not answered in time → given up', async () => {
    const run = await start('once', 'expired', lost);
    const id = await run.approval();
    const withdrawn = await fetch(`${stack.reviewServer.url}/api/approvals/${id}/withdraw`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'cq_test_connection_key' },
      body: '{"reason":"expired"}',
    });
    expect(withdrawn.ok).toBe(true);
    await run.signal('decided', { approvalId: id });
    await run.result();
    expect(run.told()).toEqual([givenUp]);
    expect(acts.get('expired')).toBe(1);
  });
});

describe('tool errors', () => {
  it.each(['once', 'idempotent'])('NotExecuted (%s) → runs again without a question', async (tool) => {
    const name = `not executed ${tool}`;
    const run = await start(tool, name, throwing(new NotExecuted('refused')));
    await run.result();
    expect(run.told()).toEqual(['done 2']);
    expect(acts.get(name)).toBe(2);
  });

  it.each(['once', 'idempotent'])('ToolFailed (%s) → not run again, the model is told', async (tool) => {
    const name = `failed ${tool}`;
    const run = await start(tool, name, throwing(new ToolFailed('no such customer')));
    await run.result();
    expect(run.told()).toEqual([`Tool "${tool}" failed: no such customer`]);
    expect(acts.get(name)).toBe(1);
  });
});

describe('attempt whose row another attempt took over', () => {
  it('fails → the other attempt counts', async () => {
    const name = 'taken over';
    const run = await start('idempotent', name, async () => {
      const key = (await run.view()).calls[0]?.key as string;
      const mine = await stack.database.effects.newest(key);
      await stack.database.effects.takeOver(key, 1, mine?.attemptId ?? '', {
        attemptId: 'of another worker',
        worker: 'another',
        at: Date.now(),
      });
      throw new ToolFailed('the token has expired');
    });
    await run.result();
    expect(run.told()).toEqual(['done 3']);
  });
});

describe('tool that keeps failing', () => {
  const hurried = new Set<string>();
  /**
   * The same retries without Temporal's growing pauses between them: ten attempts take four minutes otherwise. Once for
   * each Activity: the options stay, and each change of them takes back the attempt that was about to be sent.
   */
  async function hurry(run: StartedRun): Promise<void> {
    const { namespace } = stack.client.options;
    const { raw } = await stack.client.workflow.getHandle(run.id).describe();
    const activityId = raw.pendingActivities?.[0]?.activityId;
    if (!activityId || hurried.has(`${run.id} ${activityId}`)) return;
    await stack.client.workflowService
      .updateActivityOptions({
        namespace,
        execution: { workflowId: run.id },
        id: activityId,
        activityOptions: {
          retryPolicy: {
            initialInterval: { nanos: 20_000_000 },
            backoffCoefficient: 1,
            maximumInterval: { nanos: 20_000_000 },
          },
        },
        updateMask: {
          paths: ['retry_policy.initial_interval', 'retry_policy.backoff_coefficient', 'retry_policy.maximum_interval'],
        },
      })
      .then(
        () => hurried.add(`${run.id} ${activityId}`),
        () => undefined,
      );
  }
  const parks = (run: StartedRun) =>
    until(
      'it parks',
      async () => {
        await hurry(run);
        return (await run.view()).parked[0];
      },
      45_000,
    );

  it.concurrent.each([
    ['idempotent', new Error('down')],
    ['idempotent', new NotExecuted('down')],
    ['once', new NotExecuted('down')],
  ] as const)('%s, %s → parks after ten attempts, retry adds ten', async (tool, error) => {
    const name = `failing ${tool} ${error.constructor.name}`;
    const run = await start(tool, name, ...Array.from({ length: 25 }, () => throwing(error)));
    expect(await parks(run)).toMatchObject({
      type: 'ToolKeepsFailing',
      message: `"${tool}" failed 10 times. Last: down. Fix it, then retry the run.`,
    });
    expect(acts.get(name)).toBe(10);
    await run.signal('retry');
    await until('it tries again', () => (acts.get(name) ?? 0) > 10);
    await parks(run);
    expect(acts.get(name)).toBe(20);
    scripts.set(name, []);
    await run.signal('retry');
    await run.result();
    expect(acts.get(name)).toBe(21);
  });

  it.concurrent('approval unreadable → not counted as an attempt', async () => {
    outages = 3;
    const name = 'failing behind outages';
    const run = await start('reviewed', name, ...Array.from({ length: 25 }, () => throwing(new NotExecuted('down'))));
    await run.decide(await run.approval(), { decision: 'approve' });
    expect(await parks(run)).toMatchObject({ type: 'ToolKeepsFailing' });
    expect(acts.get(name)).toBe(10);
    await run.cancel();
  });
});

describe('misbehaving tool', () => {
  it('idempotent, ignores its signal → called again under the same key after the timeout', async () => {
    const run = await start('slow_idempotent', 'hanging idempotent', () => new Promise(() => undefined));
    await run.result();
    expect(run.told()).toEqual(['done 2']);
    expect(acts.get('hanging idempotent')).toBe(2);
  });

  it('`at-most-once`, ignores its signal → a person is asked after the timeout', async () => {
    const run = await start('slow_once', 'hanging once', () => new Promise(() => undefined));
    const id = await run.approval();
    expect((await asked(run))[0]?.request.riskReason).toBe('no answer within 200 ms');
    await run.decide(id, { decision: 'happened' });
    await run.result();
    expect(run.told()).toEqual([confirmed]);
    expect(acts.get('hanging once')).toBe(1);
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  it.each<[string, () => unknown, RegExp]>([
    ['a circle', () => circle, /^"once" was carried out, but its result cannot be written as JSON: /],
    ['a bigint', () => 1n, /^"once" was carried out, but its result cannot be written as JSON: /],
    ['a function', () => () => undefined, /^"once" was carried out, but its result cannot be written as JSON: /],
    ['a date', () => new Date(0), /^1970-01-01T00:00:00\.000Z$/],
    ['a class with secrets hidden by toJSON', () => ({ toJSON: () => ({ open: true }) }), /^\{"open":true\}$/],
  ])('and returns %s has acted all the same, once', async (name, returns, told) => {
    const run = await start('once', name, returns);
    await run.result();
    expect(run.told()).toEqual([expect.stringMatching(told)]);
    expect(acts.get(name)).toBe(1);
    expect(await asked(run)).toEqual([]);
  });
});
