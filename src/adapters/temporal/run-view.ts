import type { WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, TemporalFailure, WorkflowFailedError } from '@temporalio/client';
import type { ApprovalDecision } from '../../domain/standalone-approval.ts';
import type { Json } from '@holdpoint/json';
import { digestForm, type Payload } from '../../domain/payload.ts';
import type { CallView, RunResult, RunView } from '../../domain/run.ts';
import { runStates, type Call, type Run, type RunSummary } from '../../schemas/rest.ts';
import { isOpen } from './open-runs.ts';
import { assistantKey, callerIn, stateKey } from './run-labels.ts';
import { unreadableReason } from './tolerant-client.ts';

type Info = Omit<WorkflowExecutionInfo, 'raw'>;
/** `result` is undefined when it does not have the form of a Run's. */
type RunEnd =
  { result: RunResult | undefined; unreadable?: string | undefined } | { failure: { type: string; message: string } };
/** Reads a stored value of the run. Undefined without a database. */
type ReadValue = ((digest: string) => Promise<string | undefined>) | undefined;
type Known = { readValue: ReadValue } & (
  | { view: RunView | string; retrying: Run['retrying'] }
  | { outcome: RunEnd; openDecision: (text: string) => ApprovalDecision | undefined }
);

/** A run in a list. */
export function toSummary(info: Info): RunSummary {
  return {
    id: info.workflowId,
    kind: info.memo?.['kind'] === 'approval' ? 'approval' : 'assistant',
    state: stateOf(info),
    assistant: info.typedSearchAttributes.get(assistantKey) ?? text(info.memo?.['assistant']),
    caller: callerIn(info.memo),
    summary: text(info.memo?.['summary']),
    startedAt: info.startTime.toISOString(),
    closedAt: info.closeTime?.toISOString() ?? null,
  };
}

/** A run with all that is known of it. `view`: a worker's answer about an open run, or why there is none. */
export async function toRun(info: Info, known: Known): Promise<Run> {
  const run: Run = {
    ...toSummary(info),
    detail: null,
    retrying: [],
    detailMissing: null,
    output: null,
    decision: null,
    refused: false,
    turns: null,
    toolCalls: null,
    failure: null,
  };
  if ('view' in known) {
    const { retrying } = known;
    if (typeof known.view === 'string') return { ...run, retrying, detailMissing: known.view };
    const { kind = run.kind, state, assistant, turn, calls, parked, queuedMessages } = known.view;
    const detail = {
      state,
      turn,
      calls: await Promise.all(calls.map((call) => toCall(call, known.readValue))),
      parked: parked.map(({ since, callKey, ...rest }) => ({ ...rest, since: iso(since), callKey: callKey ?? null })),
      queuedMessages,
    };
    // The worker's answer is newer than the description.
    return { ...run, kind, state, assistant: run.assistant || assistant, detail, retrying };
  }
  const closed = { ...run, detailMissing: "The run is closed. Its history in Temporal's Web UI has its steps." };
  if ('failure' in known.outcome) return { ...closed, failure: known.outcome.failure, decision: withdrawn(closed) };
  if (known.outcome.result === undefined) {
    const { unreadable } = known.outcome;
    return { ...closed, detailMissing: unreadable === undefined ? notOurs : `The run is closed. ${unreadable}` };
  }
  const { kind = run.kind, output, refused = false, turns, toolCalls } = known.outcome.result;
  const value = await read(output, known.readValue);
  const unread =
    value === undefined
      ? {
          detailMissing:
            "The output is in a database that this gateway can't read. Set HOLDPOINT_DATABASE_URL to the workers' database.",
        }
      : {};
  if (kind === 'assistant' || value === undefined)
    return { ...closed, ...unread, kind, output: value ?? null, refused, turns, toolCalls };
  const decision = known.openDecision(text(value)) ?? null;
  return { ...closed, ...(decision ? {} : { detailMissing: notSealed }), kind, decision, turns, toolCalls };
}

const notSealed =
  "The decision of this approval has no valid seal of this gateway's secrets. Don't act on it. If an old HOLDPOINT_SECRET was removed, put it back behind the new one.";

const notOurs =
  "The result of this run is not from a Holdpoint worker. Another program worked on its Task Queue. See its history in Temporal's Web UI.";

/** A cancelled standalone approval is withdrawn. */
function withdrawn({ kind, state, closedAt }: Run): ApprovalDecision | null {
  return kind === 'approval' && state === 'cancelled' ? { outcome: 'withdrawn', decidedAt: closedAt } : null;
}

/** How a closed run ended. */
export async function readOutcome(handle: WorkflowHandle): Promise<RunEnd> {
  try {
    const result: unknown = await handle.result();
    return isResult(result) ? { result } : { result: undefined, unreadable: unreadableReason(result) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    let cause: unknown = error.cause;
    // Activity and child failures say where. Their cause says why.
    while (
      cause instanceof TemporalFailure &&
      !(cause instanceof ApplicationFailure) &&
      cause.cause instanceof TemporalFailure
    )
      cause = cause.cause;
    const name =
      cause instanceof ApplicationFailure
        ? cause.type
        : cause instanceof Error
          ? cause.name.replace(/Failure$/, '')
          : null;
    const message = cause instanceof Error ? cause.message : error.message;
    return { failure: { type: name ?? 'Error', message: message === encodedMessage ? encryptedFailure : message } };
  }
}

/** What the SDK writes in place of a failure's message that is encrypted. */
const encodedMessage = 'Encoded failure';
const encryptedFailure =
  "The message is encrypted, and this gateway can't use its payload key: see its log, and compare HOLDPOINT_PAYLOAD_KEYS with the workers'.";

/** Any program on the Task Queue may have made the result, so its form is checked. */
function isResult(value: unknown): value is RunResult {
  const {
    kind,
    output,
    refused = false,
    turns,
    toolCalls,
  } = (value ?? {}) as Partial<Record<keyof RunResult, unknown>>;
  const { type, digest, value: inline } = (output ?? {}) as Partial<Record<'type' | 'digest' | 'value', unknown>>;
  return (
    (kind === undefined || kind === 'approval') &&
    ((type === 'inline' && inline !== undefined) ||
      (type === 'stored' && typeof digest === 'string' && digestForm.test(digest))) &&
    typeof refused === 'boolean' &&
    Number.isFinite(turns) &&
    Number.isFinite(toolCalls)
  );
}

async function toCall(call: CallView, readValue: ReadValue): Promise<Call> {
  const { approval } = call;
  return {
    key: call.key,
    callId: call.callId,
    tool: call.tool,
    state: call.state,
    arguments: (await read(call.arguments, readValue)) ?? null,
    approval: approval
      ? {
          request: approval.request,
          kind: approval.kind,
          id: approval.id ?? null,
          reviewUrl: approval.reviewUrl ?? null,
          waitingSince: approval.waitingSince === undefined ? null : iso(approval.waitingSince),
          deadlineAt: approval.deadlineAt === undefined ? null : iso(approval.deadlineAt),
          possiblyTwo: approval.possiblyTwo ?? false,
        }
      : null,
    decision: call.decision ?? null,
    settledAs: call.settledAs ?? null,
    ...(call.questions && { questionCounts: call.questions }),
    ...(call.paused && { paused: call.paused }),
  };
}

async function read(payload: Payload, readValue: ReadValue): Promise<Json | undefined> {
  if (payload.type === 'inline') return payload.value;
  const json = await readValue?.(payload.digest);
  return json === undefined ? undefined : (JSON.parse(json) as Json);
}

function stateOf({ status, typedSearchAttributes }: Info): RunSummary['state'] {
  if (status.name === 'COMPLETED') return 'completed';
  if (status.name === 'CANCELLED') return 'cancelled';
  if (!isOpen(status) && status.name !== 'CONTINUED_AS_NEW') return 'failed';
  const state = typedSearchAttributes.get(stateKey);
  return runStates.slice(0, 3).find((open) => open === state) ?? 'running';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
