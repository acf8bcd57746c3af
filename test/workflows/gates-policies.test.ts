import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tool } from '../../src/index.ts';
import type { RiskLevel } from '../../src/domain/approval.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const args = { to: 'all', count: 500 };
const denied = 'Security system denied this specific action.';
const risks = new Map<string, RiskLevel>();

/** The results of the policy's evaluations, in order: true asks for review. The last one repeats. */
function changing(...answers: boolean[]): () => boolean {
  return () => (answers.length > 1 ? (answers.shift() as boolean) : (answers[0] as boolean));
}
const throws = (): never => {
  throw new Error('the policy is broken');
};
const rejects = async (): Promise<never> => throws();
const meddle = (given: { count: number }): boolean => {
  given.count += 1_000;
  return true;
};
const circle = (): never => {
  const one: { self?: unknown } = {};
  one.self = one;
  return one as never;
};

let evaluations = 0;
const throwsSecond = (): boolean => {
  evaluations += 1;
  if (evaluations === 2) throw new Error('only the second time');
  return evaluations === 1;
};

const tools = {
  throws_second: mailTool({ name: 'throws_second', review: { when: throwsSecond } }),
  review_then_none: mailTool({ name: 'review_then_none', review: { when: changing(true, false) } }),
  review_then_none_too: mailTool({ name: 'review_then_none_too', review: { when: changing(true, false) } }),
  none_then_review: mailTool({ name: 'none_then_review', review: { when: changing(false, true) } }),
  throwing: mailTool({ name: 'throwing', review: { when: throws } }),
  rejecting: mailTool({ name: 'rejecting', review: { when: rejects } }),
  later: mailTool({ name: 'later', review: { when: async ({ count }) => await Promise.resolve(count > 10) } }),
  truthy: mailTool({ name: 'truthy', review: { when: (() => 'yes') as never } }),
  risky: mailTool({ name: 'risky', review: { risk: throws } }),
  invented: mailTool({ name: 'invented', review: { risk: (() => 'none') as never } }),
  all_broken: mailTool({
    name: 'all_broken',
    review: { risk: rejects as never, summary: throws, justification: rejects as never, context: throws },
  }),
  silent: mailTool({ name: 'silent', review: { when: async () => await new Promise<boolean>(() => undefined) } }),
  meddling: mailTool({
    name: 'meddling',
    review: {
      when: (given) => meddle(given),
      risk: (given) => (meddle(given) ? 'low' : 'high'),
      summary: (given) => String(meddle(given)),
      justification: (given) => String(meddle(given)),
      context: (given) => meddle(given),
    },
    execute: (given) => {
      const { count } = given;
      meddle(given);
      return `sent ${count}`;
    },
  }),
  circular: mailTool({ name: 'circular', review: { context: circle } }),
  risk_changes: mailTool({ name: 'risk_changes', review: { risk: ({ to }) => risks.get(to) ?? 'low' } }),
};
type Name = keyof typeof tools;

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack(Object.values(tools).map(({ tool }): Tool => tool));
});
afterAll(() => stack.stop());

const askedOf = async (id: string) =>
  (await (
    await fetch(`${stack.reviewServer.url}/api/approvals/${id}?texts=true`, {
      headers: { 'x-api-key': 'cq_test_connection_key' },
    })
  ).json()) as { details: { holdpoint: { risk: string } } };
const start = async (name: Name, given = args) => await stack.start([calling(call(name, given))]);

describe('review policy or tool that changes its arguments', () => {
  it('changes a copy → shown, approved, run and told arguments are equal', async () => {
    const run = await start('meddling');
    const approval = await run.approval();
    expect(await askedOf(approval)).toMatchObject({ details: args });
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect(run.told()).toEqual(['sent 500']);
  });
});

describe('review policy that never answers', () => {
  it('after 10 s → review, one model turn', async () => {
    const run = await start('silent');
    await run.decide(await run.approval(), { decision: 'reject' });
    await run.result();
    expect(run.told()).toEqual([denied]);
    expect(run.received()).toHaveLength(2);
    expect(tools.silent.ran).toEqual([]);
  });
});

describe('review policy that changes its answer', () => {
  it('review, then no review: rejected → stays rejected', async () => {
    const run = await start('review_then_none');
    await run.decide(await run.approval(), { decision: 'reject' });
    await run.result();
    expect(run.told()).toEqual([denied]);
    expect(tools.review_then_none.ran).toEqual([]);
  });

  it('review, then no review → waits for the decision, runs once approved', async () => {
    const run = await start('review_then_none_too');
    const id = await run.approval();
    await run.signal('decided', { callKey: (await run.view()).calls[0]?.key });
    await until('the hint is checked', async () => (await run.view()).calls[0]?.state === 'waiting');
    expect(tools.review_then_none_too.ran).toEqual([]);
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(tools.review_then_none_too.ran).toHaveLength(1);
  });

  it('evaluated for the call and for its request → the first answer counts, and an error of the second is told', async () => {
    const run = await start('throws_second');
    const id = await run.approval();
    expect(JSON.stringify(await askedOf(id))).toContain(
      'review.when failed: only the second time; a person is asked to be safe.',
    );
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(tools.throws_second.ran).toHaveLength(1);
    expect(evaluations).toBe(2);
  });

  it('no review, then review → the call is reviewed', async () => {
    const run = await start('none_then_review');
    const id = await run.approval();
    expect(tools.none_then_review.ran).toEqual([]);
    await run.decide(id, { decision: 'reject' });
    await run.result();
    expect(tools.none_then_review.ran).toEqual([]);
  });
});

describe('broken review policy', () => {
  it.each<Name>(['throwing', 'rejecting', 'truthy'])('%s → review', async (name) => {
    const run = await start(name, { to: 'bob', count: 1 });
    const id = await run.approval();
    expect(tools[name].ran).toEqual([]);
    await run.decide(id, { decision: 'reject' });
    await run.result();
    expect(tools[name].ran).toEqual([]);
  });

  it.each<Name>(['risky', 'invented', 'all_broken'])('%s → review with high risk', async (name) => {
    const run = await start(name);
    const id = await run.approval();
    expect((await askedOf(id)).details.holdpoint.risk).toBe('high');
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(tools[name].ran).toHaveLength(1);
  });

  it('context that is not JSON → review without context', async () => {
    const run = await start('circular');
    await run.decide(await run.approval(), { decision: 'reject' });
    await run.result();
    expect(tools.circular.ran).toEqual([]);
  });
});

describe('asynchronous review policy', () => {
  it.each([
    [{ to: 'a', count: 2 }, 1],
    [{ to: 'b', count: 20 }, 0],
  ])('%j → decided by the policy', async (given, runs) => {
    const before = tools.later.ran.length;
    const run = await start('later', given);
    if (runs === 0) await run.decide(await run.approval(), { decision: 'reject' });
    await run.result();
    expect(tools.later.ran.length - before).toBe(runs);
  });
});

describe('risk that depends on the arguments', () => {
  it('edit that raises it → reviewed again, never run unreviewed', async () => {
    risks.set('everybody', 'critical');
    const run = await start('risk_changes');
    const first = await run.approval();
    await run.decide(first, { decision: 'approve', modifiedDetails: { to: 'everybody', count: 500 } });
    const second = await until('it is asked again', async () => {
      const id = await run.approval();
      return id !== first && id;
    });
    expect(tools.risk_changes.ran).toEqual([]);
    expect((await askedOf(second)).details).toMatchObject({ to: 'everybody', holdpoint: { risk: 'critical' } });
    await run.decide(second, { decision: 'reject' });
    await run.result();
    expect(tools.risk_changes.ran).toEqual([]);
  });
});
