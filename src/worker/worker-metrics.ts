import { Counter, Histogram, type Registry } from 'prom-client';
import { otherLabel } from '@holdpoint/process';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { modelOf } from '../activities/metered.ts';
import type { RunMeter } from '../activities/run-meter.ts';
import type { TokenUsage } from '../domain/run-record.ts';

const modelSeconds = [0.25, 0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 900, 3600];
const toolSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
/** Up to an hour: reconcile finds a lost callback, and a worker that is down starts nothing. */
const resumeSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/**
 * Registers the metrics of a worker. Labels have the names of the config only: tools, assistants and models that it does not
 * have are `other`.
 */
export function createWorkerMetrics(
  registry: Registry,
  { assistants, prices }: Pick<HoldpointConfig, 'assistants' | 'prices'>,
): RunMeter {
  const registers = [registry];
  const toolOf = within(assistants.flatMap(({ tools }) => tools.map(({ name }) => name)));
  const assistantOf = within(assistants.map(({ name }) => name));
  const modelNamed = within(assistants.map((assistant) => modelOf(assistant)));

  const turns = new Histogram({
    name: 'holdpoint_worker_model_seconds',
    help: 'Seconds of an attempt at a turn, until the model has answered.',
    labelNames: ['assistant', 'model', 'result'] as const,
    buckets: modelSeconds,
    registers,
  });
  const tokens = {
    input: tokenCounter('input', 'Input tokens of recorded turns, the cached ones included.'),
    cachedInput: tokenCounter('cached_input', 'Input tokens that the model read from its cache.'),
    output: tokenCounter('output', 'Output tokens of recorded turns, those of reasoning included.'),
    reasoning: tokenCounter('reasoning', 'Output tokens that the model spent on reasoning.'),
  };
  const cost = new Counter({
    name: 'holdpoint_worker_cost_total',
    help: 'Cost of recorded turns in the currency of the config, for models with a price.',
    labelNames: ['assistant', 'model', 'currency'] as const,
    registers,
  });
  const requests = new Counter({
    name: 'holdpoint_worker_approval_requests_total',
    help: 'Requests for a decision: on a call, or on the unknown outcome of a call.',
    labelNames: ['tool', 'kind'] as const,
    registers,
  });
  const resumes = new Histogram({
    name: 'holdpoint_worker_decision_to_tool_start_seconds',
    help: 'Seconds from the decision to the first start of the tool, by the clocks of the review service and the worker.',
    labelNames: ['tool'] as const,
    buckets: resumeSeconds,
    registers,
  });
  const attempts = new Histogram({
    name: 'holdpoint_worker_tool_seconds',
    help: 'Seconds of an attempt of a tool, by its result.',
    labelNames: ['tool', 'result'] as const,
    buckets: toolSeconds,
    registers,
  });
  const unknown = new Counter({
    name: 'holdpoint_worker_unknown_outcomes_total',
    help: 'Calls whose effect may have happened: a person is asked.',
    labelNames: ['tool'] as const,
    registers,
  });
  const settled = new Counter({
    name: 'holdpoint_worker_tool_calls_total',
    help: 'Settled tool calls, by outcome.',
    labelNames: ['tool', 'outcome'] as const,
    registers,
  });
  const failed = new Counter({
    name: 'holdpoint_worker_activity_failures_total',
    help: 'Failed attempts of Activities, by the reason of docs/errors.md.',
    labelNames: ['activity', 'reason'] as const,
    registers,
  });
  const reads = new Counter({
    name: 'holdpoint_worker_reconcile_reads_total',
    help: 'Requests that reconcile read one by one.',
    registers,
  });
  const findings = new Counter({
    name: 'holdpoint_worker_reconcile_findings_total',
    help: 'Runs that reconcile signalled, and requests of ended runs that it withdrew.',
    labelNames: ['finding'] as const,
    registers,
  });
  // A series that begins above 0 has no increase.
  for (const finding of ['signalled', 'withdrawn']) findings.inc({ finding }, 0);
  for (const { tools } of assistants)
    for (const { name } of tools) {
      unknown.inc({ tool: name }, 0);
      resumes.zero({ tool: name });
      attempts.zero({ tool: name, result: 'ok' });
    }
  for (const assistant of assistants) {
    const labels = { assistant: assistant.name, model: modelOf(assistant) };
    for (const counter of Object.values(tokens)) counter.inc(labels, 0);
    if (prices !== undefined) cost.inc({ ...labels, currency: prices.currency }, 0);
  }

  return {
    turnEnded: ({ assistant, model, result, seconds }) =>
      turns.observe({ assistant: assistantOf(assistant), model: modelNamed(model), result }, seconds),
    turnRecorded: ({ assistant, model, usage, cost: spent }) => {
      const labels = { assistant: assistantOf(assistant), model: modelNamed(model) };
      for (const [kind, counter] of Object.entries(tokens)) counter.inc(labels, usage?.[kind as keyof TokenUsage] ?? 0);
      if (spent !== null) cost.inc({ ...labels, currency: spent.currency }, Number(spent.pico) / 1e12);
    },
    approvalRequested: ({ tool, kind }) => requests.inc({ tool: toolOf(tool), kind }),
    toolStarted: ({ tool, waitedMs }) => {
      if (waitedMs !== undefined) resumes.observe({ tool: toolOf(tool) }, waitedMs / 1000);
    },
    toolAttempted: ({ tool, result, seconds }) => attempts.observe({ tool: toolOf(tool), result }, seconds),
    outcomeUnknown: ({ tool }) => unknown.inc({ tool: toolOf(tool) }),
    callSettled: ({ tool, as }) => settled.inc({ tool: toolOf(tool), outcome: as }),
    attemptFailed: ({ activity, reason = otherLabel }) => failed.inc({ activity, reason }),
    reconciled: ({ read, signalled, withdrawn }) => {
      reads.inc(read);
      findings.inc({ finding: 'signalled' }, signalled);
      findings.inc({ finding: 'withdrawn' }, withdrawn);
    },
  };

  function tokenCounter(kind: string, help: string): Counter<'assistant' | 'model'> {
    return new Counter({
      name: `holdpoint_worker_${kind}_tokens_total`,
      help,
      labelNames: ['assistant', 'model'],
      registers,
    });
  }
}

function within(names: readonly string[]): (name: string) => string {
  const known = new Set(names);
  return (name) => (known.has(name) ? name : otherLabel);
}
