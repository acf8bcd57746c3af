import { workflowInfo } from '@temporalio/workflow';
import type { SettleResult } from '../domain/activities.ts';
import type { ApprovalRequest } from '../domain/approval.ts';
import { callKey } from '../domain/call-key.ts';
import type { DecisionHint } from '../domain/decision.ts';
import { outputs } from '../domain/outputs.ts';
import { inline, type Payload } from '../domain/payload.ts';
import type { CallProgress, CallStep, RunProgress } from '../domain/run.ts';
import { traceparentIn } from '../domain/run-trace.ts';
import type { StandaloneApproval } from '../domain/standalone-approval.ts';
import type { PlannedCall } from '../domain/tool-call.ts';

/** The first repeat of a rejected call is reviewed. After this many rejections the call is refused at once. */
const rejectionsThatStand = 2;
/** Ids that hints may give for the lost requests of one call. */
const mostLostIds = 5;
/** Number of `looks` from which a call does not check again without a hint. */
const afterAllChecks = 10;
/** Decisions that Temporal's UI shows. */
const mostDecided = 10;
/** Characters of an id at the review service. */
const longestId = 200;

/** A planned call at its first step: answered at once, sent to review, or settled. */
export function startCall(call: PlannedCall, position: number, progress: RunProgress): CallProgress {
  const { firstExecutionRunId } = workflowInfo();
  const key = callKey({ firstRunId: firstExecutionRunId, turn: progress.turn, position, callId: call.callId });
  return {
    call,
    key,
    position,
    requests: [],
    news: false,
    looks: 0,
    systemRejections: 0,
    retries: 0,
    lost: [],
    ...(progress.supersede && { supersede: progress.supersede }),
    step: firstStep(call, key, progress),
  };
}

function firstStep(call: PlannedCall, key: string, progress: RunProgress): CallStep {
  const done = (as: 'answered' | 'repeated', output: Payload): CallStep => ({
    type: 'done',
    as,
    output: { callId: call.callId, key, output, obtainedAt: Date.now() },
  });
  switch (call.plan.type) {
    case 'answer':
      return done('answered', call.plan.output);
    case 'review':
      return (progress.rejections[call.fingerprint] ?? 0) >= rejectionsThatStand
        ? done('repeated', inline(outputs.deniedBefore))
        : { type: 'request', arguments: call.arguments, kind: 'call' };
    default:
      return { type: 'settle' };
  }
}

/** A standalone approval as the only call of its run: no model asked for it, and nothing runs. */
export function standaloneCall({ action }: StandaloneApproval, details: Payload): PlannedCall {
  return {
    kind: 'approval',
    callId: 'approval',
    tool: action,
    arguments: details,
    fingerprint: '',
    plan: { type: 'review' },
    timeoutMs: 0,
  };
}

/** Counts a rejection of this tool with these arguments. */
export function countRejection({ fingerprint }: PlannedCall, progress: RunProgress): void {
  progress.rejections[fingerprint] = (progress.rejections[fingerprint] ?? 0) + 1;
}

/** Keeps a decision for Temporal's UI. The oldest of more than ten goes. */
export function noteDecision(
  { tool }: PlannedCall,
  { decision, decider, as }: Extract<SettleResult, { type: 'settled' }>,
  progress: RunProgress,
): void {
  if (!decision) return;
  const decided = { tool, decision, as, ...(decider !== undefined && { by: decider }) };
  progress.decided = [...(progress.decided ?? []), decided].slice(-mostDecided);
}

/**
 * Handles the `decided` Signal: the call that the hint names reads its decision. Anyone who reaches Temporal can send
 * one, so a hint decides nothing. Returns false for a malformed hint, and for one of an unknown or settled call: it
 * changes nothing.
 */
export function noteHint(progress: RunProgress, hint: unknown): boolean {
  const call = callOf(progress, hint);
  if (!call) return false;
  const { request, approvalId, traceparent } = hint as { [field in keyof DecisionHint]: unknown };
  const decisionTrace = traceparentIn(traceparent);
  if (decisionTrace !== undefined) call.decisionTrace = decisionTrace;
  if (typeof approvalId === 'string' && typeof request === 'number') rememberLost(call, request, approvalId);
  call.news = true;
  // The decision may become readable late once more.
  call.looks = 0;
  return true;
}

/**
 * Handles the `asked` Signal: the questions of the call that the hint names are read and answered. It carries no
 * question. Returns false as `noteHint` does.
 */
export function noteQuestion(progress: RunProgress, hint: unknown): boolean {
  const call = callOf(progress, hint);
  if (!call) return false;
  call.asks = true;
  return true;
}

/** The open call that a hint names, by its key or by a request. */
function callOf(progress: RunProgress, hint: unknown): CallProgress | undefined {
  if (typeof hint !== 'object' || hint === null) return undefined;
  const { callKey, approvalId } = hint as { [field in keyof DecisionHint]: unknown };
  return progress.calls.find(
    (each) =>
      each.step.type !== 'done' &&
      (each.key === callKey ||
        (callKey === undefined && each.requests.some(({ id }) => id === approvalId && id !== undefined))),
  );
}

/** The call that waits for this approval reads its decision once. */
export function checkOnce(progress: RunProgress, approvalId: string): void {
  const call = progress.calls.find((each) => openRequest(each)?.id === approvalId);
  if (!call) return;
  call.news = true;
  call.looks = afterAllChecks;
}

/** Keeps the id of an unknown request: its reply was lost, and the hint may be the only trace of it. */
function rememberLost(call: CallProgress, number: number, id: string): void {
  const known = call.requests.some((request) => request.id === id) || call.lost.some((lost) => lost.id === id);
  if (!known && id.length <= longestId && call.lost.length < mostLostIds) call.lost.push({ number, id });
}

/** The newest request of a call that waits for a decision. Undefined for every other call. */
export function openRequest({ step, requests }: CallProgress): ApprovalRequest | undefined {
  return step.type === 'wait' || step.type === 'settle' ? requests.at(-1) : undefined;
}
