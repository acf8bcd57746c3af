import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '@holdpoint/json';
import type { RecordedDecision } from '../domain/run-record.ts';
import type { SettleInput, SettleResult, TurnResult } from '../domain/activities.ts';
import type { Clearance, Decided } from './clearance.ts';
import { ownCall, ownExecution, type ActivityDependencies } from './context.ts';
import { costOf, priceOf } from '../domain/cost.ts';
import { modelOf } from './metered.ts';
import { toPayload } from './payloads.ts';
import type { TurnReply, TurnRequest } from './ports.ts';

/** Runs whose first row is known to be there. */
const mostBegun = 10_000;

export type BeginRun = (run: { firstRunId: string; assistant: string; context: Json }) => Promise<void>;

/** Records that the run of this Activity has begun. One worker asks once per run. */
export function createBeginRun({ runRecords, runs }: Pick<ActivityDependencies, 'runRecords' | 'runs'>): BeginRun {
  const begun = new Set<string>();
  return async ({ firstRunId, assistant, context }) => {
    if (runRecords === undefined || begun.has(firstRunId)) return;
    const { workflowId, runId } = ownExecution();
    const start = await runs.startOf(workflowId, firstRunId || runId);
    await runRecords.begin({ runId: workflowId, firstRunId, assistant, context, ...start });
    if (begun.size >= mostBegun) begun.delete(begun.values().next().value as string);
    begun.add(firstRunId);
  };
}

/** Records an answer of the model, and counts its tokens and cost. */
export async function recordTurn(
  { runRecords, config, meter, now }: Pick<ActivityDependencies, 'runRecords' | 'config' | 'meter' | 'now'>,
  {
    request,
    reply,
    result,
    startedAt,
  }: { request: TurnRequest; reply: TurnReply; result: TurnResult; startedAt: number },
): Promise<void> {
  const { assistant, runId, firstRunId, turn, attempt = 1 } = request;
  const { outcome } = result;
  const usage = reply.usage ?? null;
  const cost = costOf(usage, priceOf(config.prices, [reply.model, assistant.model]));
  await runRecords?.addTurn({
    id: reply.conversation.entry,
    runId,
    firstRunId,
    turn,
    attempt,
    assistant: assistant.name,
    api: assistant.api,
    model: reply.model ?? assistant.model,
    startedAt,
    endedAt: now(),
    usage,
    cost,
    outcome:
      outcome.type === 'answer'
        ? outcome
        : {
            type: 'calls',
            calls: outcome.calls.map(({ callId, tool, arguments: args, plan }) => ({
              callId,
              tool,
              arguments: args,
              plan,
            })),
          },
  });
  meter?.turnRecorded({ assistant: assistant.name, model: modelOf(assistant), usage, cost });
}

/** What an attempt found out about a call: the decision that it read, and the arguments that it ran. */
export type CallFacts = { decided?: Decided; args?: JsonObject };

/** Notes the decision and the arguments of a clearance. */
export function noteClearance(facts: CallFacts, clearance: Clearance): void {
  const decided = clearance.type === 'run' ? clearance.approval : clearance.type === 'wait' ? null : clearance.read;
  if (decided) facts.decided = decided;
  if (clearance.type === 'run') facts.args = clearance.args;
}

/** Records the end of a call, or a decision that was not acted on. */
export async function recordCall(
  dependencies: ActivityDependencies,
  input: SettleInput,
  { result, facts: { decided, args } }: { result: SettleResult; facts: CallFacts },
): Promise<void> {
  const { runRecords, runs, values, now } = dependencies;
  if (runRecords === undefined) return;
  const { key, tool } = input.call;
  const row = {
    id: randomUUID(),
    runId: ownExecution().workflowId,
    callKey: key,
    at: now(),
  };
  if (result.type === 'review' && decided) {
    const { firstRunId } = await ownCall(runs, key);
    const decision = recorded(decided);
    await runRecords.addCall({
      ...row,
      firstRunId,
      event: { type: 'reviewed-again', because: result.because ?? null, decision },
    });
  }
  if (result.type !== 'settled') return;
  const { firstRunId } = await ownCall(runs, key);
  const edited = result.decision?.outcome === 'approved' && result.decision.edited ? args : undefined;
  await runRecords.addCall({
    ...row,
    firstRunId,
    event: {
      type: 'settled',
      tool,
      as: result.as,
      output: result.output.output,
      obtainedAt: result.output.obtainedAt,
      ...(decided
        ? { decision: { ...recorded(decided), ...(result.decision && { decision: result.decision }) } }
        : result.decision && { decision: { ...unknownDecider, decision: result.decision } }),
      ...(edited && { arguments: await toPayload(edited, values) }),
    },
  });
}

const unknownDecider: Omit<RecordedDecision, 'decision'> = {
  request: null,
  requestId: null,
  reviewer: null,
  rule: null,
  note: null,
  edit: null,
  removed: [],
};

function recorded(read: Decided): RecordedDecision {
  const { decision, note, request, decider } = read;
  return {
    decision,
    request: request?.number ?? null,
    requestId: request?.id ?? null,
    reviewer: decision.by === 'person' ? (decider?.reviewer ?? null) : null,
    rule: decider?.rule ?? null,
    note,
    edit: read.type === 'approved' ? read.modified : null,
    removed: read.type === 'approved' ? read.removed : [],
  };
}
