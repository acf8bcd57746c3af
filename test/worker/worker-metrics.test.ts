import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countOpenRuns } from '../../src/adapters/temporal/count-open-runs.ts';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { createWorkerMetrics } from '../../src/worker/worker-metrics.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const registry = new Registry();
const reviewed = mailTool({ name: 'reviewed', review: 'always' }).tool;
const failing = mailTool({
  name: 'failing',
  effect: 'at-most-once',
  review: 'never',
  execute: () => {
    throw new Error('the connection was lost');
  },
}).tool;
const tools = [reviewed, failing];

/** The samples of these metrics, without comments. */
async function samples(...names: string[]): Promise<string[]> {
  const text = await registry.metrics();
  return text
    .split('\n')
    .filter((line) => names.some((name) => line.startsWith(`${name}{`) || line.startsWith(`${name} `)));
}

describe('worker metrics', () => {
  let stack: RunStack;
  beforeAll(async () => {
    stack = await startRunStack(tools, {
      dependencies: {
        meter: createWorkerMetrics(registry, {
          assistants: [{ name: 'tester', model: 'none', tools } as never],
        }),
      },
    });
  });
  afterAll(() => stack.stop());

  it('run with an edited call → turns, request, wait until the tool starts, attempt and outcome', async () => {
    const run = await stack.start([calling(call('reviewed', { to: 'ana', count: 1 }, 'call_edit')), answering('fine')]);
    const id = await run.approval();
    await run.decide(id, { decision: 'approve', modifiedDetails: { to: 'ana', count: 2 } });
    await run.result();
    expect(await samples('holdpoint_worker_tool_calls_total', 'holdpoint_worker_approval_requests_total')).toEqual([
      'holdpoint_worker_approval_requests_total{tool="reviewed",kind="call"} 1',
      'holdpoint_worker_tool_calls_total{tool="reviewed",outcome="ran"} 1',
    ]);
    expect(
      await samples(
        'holdpoint_worker_model_seconds_count',
        'holdpoint_worker_tool_seconds_count',
        'holdpoint_worker_decision_to_tool_start_seconds_count',
      ),
    ).toEqual([
      'holdpoint_worker_model_seconds_count{assistant="tester",model="none",result="calls"} 1',
      'holdpoint_worker_model_seconds_count{assistant="tester",model="none",result="answer"} 1',
      // A series that begins above 0 has no increase.
      'holdpoint_worker_decision_to_tool_start_seconds_count{tool="reviewed"} 1',
      'holdpoint_worker_decision_to_tool_start_seconds_count{tool="failing"} 0',
      'holdpoint_worker_tool_seconds_count{tool="reviewed",result="ok"} 1',
      'holdpoint_worker_tool_seconds_count{tool="failing",result="ok"} 0',
    ]);
    const [waited] = await samples('holdpoint_worker_decision_to_tool_start_seconds_sum');
    expect(Number(waited?.split(' ').at(-1))).toBeLessThan(60);
    const review = await (await fetch(`${stack.reviewServer.url}/metrics`)).text();
    expect(review).toContain(
      'holdpoint_review_decisions_total{tool="reviewed",group="everyone",decision="edited",by="person"} 1',
    );
  });

  it('unknown outcome and an unknown tool → counted, the unknown tool as other', async () => {
    const run = await stack.start([
      calling(call('failing', { to: 'ben', count: 1 }, 'call_lost'), call('made_up', {}, 'call_made_up')),
    ]);
    await run.approval();
    expect(await samples('holdpoint_worker_unknown_outcomes_total', 'holdpoint_worker_tool_calls_total')).toEqual([
      'holdpoint_worker_unknown_outcomes_total{tool="reviewed"} 0',
      'holdpoint_worker_unknown_outcomes_total{tool="failing"} 1',
      'holdpoint_worker_tool_calls_total{tool="reviewed",outcome="ran"} 1',
      'holdpoint_worker_tool_calls_total{tool="other",outcome="answered"} 1',
    ]);
    expect(await samples('holdpoint_worker_tool_seconds_count')).toContain(
      'holdpoint_worker_tool_seconds_count{tool="failing",result="threw"} 1',
    );
    await run.cancel();
  });

  it('run that parks → failure by reason, search attribute, count of parked runs; all gone after retry', async () => {
    let mended = false;
    const run = await stack.start([
      () => {
        if (!mended) throw new ModelFailure('QuotaExhausted', 'no');
        return answering('fine');
      },
    ]);
    const attributes = async () => (await stack.client.workflow.getHandle(run.id).describe()).searchAttributes;
    // Runs of other tests may be parked, too.
    await until('it is parked', async () => (await attributes())['HoldpointState']?.[0] === 'parked');
    const parkedNow = () => countOpenRuns(stack.client).then(({ byReason }) => byReason['QuotaExhausted'] ?? 0);
    await until('it is counted as parked', async () => (await parkedNow()) > 0);
    expect(await samples('holdpoint_worker_activity_failures_total')).toContain(
      'holdpoint_worker_activity_failures_total{activity="takeTurn",reason="QuotaExhausted"} 1',
    );
    expect(await attributes()).toMatchObject({ HoldpointReason: ['QuotaExhausted'] });
    mended = true;
    await run.signal(retrySignal);
    await run.result();
    expect((await attributes())['HoldpointReason'] ?? []).toEqual([]);
  });
});

it('reconcile → reads and findings', async () => {
  const own = new Registry();
  const meter = createWorkerMetrics(own, { assistants: [] });
  meter.reconciled({ read: 5, signalled: 2, withdrawn: 1 });
  const text = await own.metrics();
  expect(text).toContain('holdpoint_worker_reconcile_reads_total 5');
  expect(text).toContain('holdpoint_worker_reconcile_findings_total{finding="signalled"} 2');
  expect(text).toContain('holdpoint_worker_reconcile_findings_total{finding="withdrawn"} 1');
});
