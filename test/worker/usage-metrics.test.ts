import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { createWorkerMetrics } from '../../src/worker/worker-metrics.ts';
import { startStandInStack, type StandInStack } from '../support/stand-in-stack.ts';
import { mailTool } from '../support/tools.ts';

const registry = new Registry();
const tools = [mailTool({ review: 'never' }).tool];
const config = defineConfig({
  assistants: [
    defineAssistant({ name: 'tester', model: 'gpt-5', tools }),
    defineAssistant({ name: 'idle', model: 'gpt-5-mini', tools: [] }),
  ],
  prices: { 'gpt-5': { input: 1.25, cachedInput: 0.125, output: 10 } },
  currency: 'USD',
});

/** The value of each series of a metric. */
async function seriesOf(name: string): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`));
  return Object.fromEntries(
    lines.map((line) => [/\{(.*)\}/.exec(line)?.[1] ?? '', Number(line.split(' ').at(-1))] as const),
  );
}

describe('worker metrics of tokens and cost', () => {
  let stack: StandInStack;
  beforeAll(async () => {
    stack = await startStandInStack(tools, {
      api: 'responses',
      dependencies: { config, meter: createWorkerMetrics(registry, config) },
    });
  });
  afterAll(() => stack.stop());

  it('before any run → 0 for each assistant, so that increases show', async () => {
    expect(await seriesOf('holdpoint_worker_input_tokens_total')).toEqual({
      'assistant="tester",model="gpt-5"': 0,
      'assistant="idle",model="gpt-5-mini"': 0,
    });
    expect(await seriesOf('holdpoint_worker_cost_total')).toEqual({
      'assistant="tester",model="gpt-5",currency="USD"': 0,
      'assistant="idle",model="gpt-5-mini",currency="USD"': 0,
    });
  });

  it('run with two turns → the tokens and the cost of GET /v1/usage', async () => {
    const run = await stack.start([
      { calls: [{ name: 'send_mail', arguments: { to: 'ana', count: 1 } }] },
      { text: 'Sent.' },
    ]);
    await run.result();
    const { total } = await stack.holdpoint.usage({ by: 'assistant' });
    const [cost] = total.costs;
    expect([total.turns, cost?.currency]).toEqual([2, 'USD']);
    const tester = 'assistant="tester",model="gpt-5"';
    const counted = async (kind: string) => (await seriesOf(`holdpoint_worker_${kind}_tokens_total`))[tester];
    expect({
      input: await counted('input'),
      cachedInput: await counted('cached_input'),
      output: await counted('output'),
      reasoning: await counted('reasoning'),
    }).toEqual({
      input: total.input,
      cachedInput: total.cachedInput,
      output: total.output,
      reasoning: total.reasoning,
    });
    expect(total.input).toBeGreaterThan(0);
    const costs = await seriesOf('holdpoint_worker_cost_total');
    expect(costs[`${tester},currency="USD"`]).toBeCloseTo(Number(cost?.amount), 12);
    expect(Number(cost?.amount)).toBeGreaterThan(0);
  });
});

it('turn without usage, and a model that the config lacks → nothing added, and other', async () => {
  const own = new Registry();
  const meter = createWorkerMetrics(own, config);
  meter.turnRecorded({ assistant: 'tester', model: 'gpt-5', usage: null, cost: null });
  meter.turnRecorded({
    assistant: 'gone',
    model: 'gone',
    usage: { input: 5, cachedInput: null, output: 2, reasoning: null },
    cost: { pico: 1_500_000_000_000n, currency: 'USD' },
  });
  const text = await own.metrics();
  expect(text).toContain('holdpoint_worker_input_tokens_total{assistant="tester",model="gpt-5"} 0');
  expect(text).toContain('holdpoint_worker_input_tokens_total{assistant="other",model="other"} 5');
  expect(text).toContain('holdpoint_worker_cached_input_tokens_total{assistant="other",model="other"} 0');
  expect(text).toContain('holdpoint_worker_cost_total{assistant="other",model="other",currency="USD"} 1.5');
});
