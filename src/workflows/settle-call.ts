import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxySinks,
  TimeoutFailure,
} from '@temporalio/workflow';
import type {
  CallReference,
  OpenRequest,
  RequestApprovalInput,
  RequestedApproval,
  SettleInput,
  SettleResult,
} from '../domain/activities.ts';
import { pauseBeforeAskingAgain, maxSystemRejections } from '../domain/ask-again.ts';
import type { RunSinks } from '../domain/early-read.ts';
import { failures } from '../domain/failures.ts';
import type { CallProgress, CallStep, RunInput, RunProgress } from '../domain/run.ts';
import { requestApproval, requestApprovalLocally, settleToolCall } from './activities.ts';
import { countRejection, noteDecision } from './call-progress.ts';
import type { ContinueAsNewGate } from './continue-as-new-gate.ts';
import { withParking } from './parking.ts';
import type { RunVisibility } from './run-visibility.ts';
import { Deadline, Timer } from './timers.ts';
import { traceOf } from './trace-of.ts';

const { holdpoint } = proxySinks<RunSinks>();

type Settling = {
  input: RunInput;
  progress: RunProgress;
  call: CallProgress;
  visibility: RunVisibility;
  gate: ContinueAsNewGate;
};
type Step<Type extends CallStep['type']> = Extract<CallStep, { type: Type }>;

const second = 1000;
const minute = 60 * second;
/**
 * When a hint came before its decision could be read: checks again after these, then leaves it to the reconcile
 * Schedule.
 */
const checkAgainAfter = [2 * second, 10 * second];

/** Settles one tool call: requests a decision where one is needed, waits for it, and lets the call act once. */
export async function settleCall(settling: Settling): Promise<void> {
  const { call, visibility } = settling;
  const deadline = new Deadline(call);
  try {
    for (;;) {
      switch (call.step.type) {
        case 'request':
          await request(settling, call.step, deadline);
          break;
        case 'wait':
          await waitForHint(settling, deadline);
          break;
        case 'settle':
          await settle(settling, deadline);
          break;
        case 'done':
          return;
      }
      visibility.update();
    }
  } finally {
    deadline.cancel();
  }
}

/** True if a call only waits. The run may continue as new only while all of its calls rest. */
export function isResting(call: CallProgress): boolean {
  if (call.step.type === 'done' || call.parked) return true;
  if (call.step.type === 'request') return call.step.notBefore !== undefined && call.step.notBefore > Date.now();
  // An unread hint is carried over, so a flood of hints does not keep a long run from continuing as new.
  return call.step.type === 'wait';
}

/** Sends one request of the call's Approval. */
async function request(
  { input, progress, call, visibility, gate }: Settling,
  step: Step<'request'>,
  deadline: Deadline,
): Promise<void> {
  // A superseded call is not requested. The question about its outcome is: its tool was started.
  const superseded = (): boolean => call.supersede === true && step.kind === 'call';
  if (superseded() || (step.notBefore !== undefined && !(await pause(step.notBefore, superseded, gate, deadline)))) {
    call.step = { type: 'settle' };
    return;
  }
  const number = (call.requests.at(-1)?.number ?? 0) + 1;
  const requested = await withParking(
    call,
    gate,
    () => visibility.update(),
    () =>
      attemptToRequest(call, {
        // Two local Activities may end in one activation or in two, and a replay may group them otherwise.
        locally: input.localRequests === true && progress.calls.length === 1,
        asking: {
          assistant: input.assistant,
          context: input.context ?? null,
          call: callReference(call, input),
          arguments: step.arguments,
          number,
          kind: step.kind,
          conversation: progress.conversation,
          ...traceOf(input),
          ...(step.because === undefined ? {} : { because: step.because }),
          ...(step.seal === undefined ? {} : { seal: step.seal }),
          ...(step.draft === undefined ? {} : { draft: step.draft }),
          ...(call.deadlineAt === undefined ? {} : { deadlineAt: call.deadlineAt }),
        },
      }),
  );
  const { type: _, notBefore: __, ...asked } = step;
  call.asked = asked;
  const { status, deadlineAt, expiresInMs = Infinity, ...made } = requested;
  call.requests.push({ ...made, kind: step.kind });
  // On Temporal's clock, which may be behind the worker's.
  if (deadlineAt !== undefined) call.deadlineAt = Math.min(deadlineAt, Date.now() + expiresInMs);
  call.waitingSince ??= Date.now();
  call.looks = 0;
  call.step = status === 'decided' ? { type: 'settle' } : { type: 'wait' };
}

/** Locally first, where the run allows it. An ordinary Activity follows a failure that another attempt may mend. */
async function attemptToRequest(
  call: CallProgress,
  { locally, asking }: { locally: boolean; asking: RequestApprovalInput },
): Promise<RequestedApproval> {
  const options = { summary: label(call, asking.kind === 'outcome' ? 'what happened?' : undefined) };
  if (locally) {
    try {
      const requested = await requestApprovalLocally.executeWithOptions(options, [{ ...asking, askedAt: Date.now() }]);
      if (requested.status !== 'deferred') return requested;
    } catch (error) {
      if (isFinal(error)) throw error;
    }
  }
  return await requestApproval.executeWithOptions(options, [asking]);
}

/** True for a cancellation of the run, and for a failure that Temporal would not retry. */
function isFinal(error: unknown): boolean {
  if (isCancellation(error)) return CancellationScope.current().consideredCancelled;
  // A local Activity rejects with its own failure, without the `ActivityFailure` around it.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}

/** Waits for a hint, the deadline or a superseding message. Adds no history event and holds no worker slot. */
async function waitForHint({ call, gate }: Settling, deadline: Deadline): Promise<void> {
  deadline.arm();
  const checkAgain = checkAgainAfter[call.looks - 1];
  const timer = checkAgain === undefined ? undefined : new Timer(checkAgain, 'checks again');
  try {
    await gate.until(() => call.news || call.supersede === true || deadline.passed || timer?.fired === true);
  } finally {
    timer?.cancel();
  }
  call.step = { type: 'settle' };
}

/** Lets `settleToolCall` read the decision and act on it. */
async function settle({ input, progress, call, visibility, gate }: Settling, deadline: Deadline): Promise<void> {
  call.news = false;
  let supersede = call.supersede;
  const result = await withParking(
    call,
    gate,
    () => visibility.update(),
    () => {
      supersede = call.supersede;
      return attemptToSettle(call, {
        assistant: input.assistant,
        context: input.context ?? null,
        call: callReference(call, input),
        lost: call.lost,
        close: deadline.passed,
        retries: call.retries,
        ...(supersede && { supersede }),
        ...(!call.paused && { showsPause: true as const }),
        ...traceOf(input),
        ...(call.decisionTrace !== undefined && { decisionTrace: call.decisionTrace }),
      });
    },
  );
  // A superseding message that came meanwhile needs another attempt.
  if (supersede) delete call.supersede;
  delete call.paused;
  call.step = nextStep(call, progress, result, deadline);
}

/**
 * On the Task Queue of tools if the call has one. If no slot is free there for a minute, or no worker polls it any more,
 * the Task Queue of the run has it from then on.
 */
function attemptToSettle(progress: CallProgress, input: SettleInput): Promise<SettleResult> {
  const { call } = progress;
  const options = { summary: label(progress), startToCloseTimeout: call.timeoutMs + 2 * minute };
  const { toolQueue } = call;
  if (toolQueue === undefined) {
    readEarly(progress, input);
    return settleToolCall.executeWithOptions(options, [input]);
  }
  return settleToolCall
    .executeWithOptions({ ...options, taskQueue: toolQueue, scheduleToStartTimeout: minute }, [input])
    .catch((error: unknown) => {
      if (!foundNoSlot(error)) throw error;
      delete call.toolQueue;
      return settleToolCall.executeWithOptions(options, [input]);
    });
}

/** A decision that may have been made is read while Temporal brings the Activity to this worker. */
function readEarly({ requests }: CallProgress, { assistant, trace }: SettleInput): void {
  const newest = requests.at(-1);
  if (newest?.kind !== 'call' || newest.id === undefined) return;
  holdpoint.readEarly({ assistant, requestId: newest.id, ...(trace && { trace }) });
}

function foundNoSlot(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

function nextStep(call: CallProgress, progress: RunProgress, result: SettleResult, deadline: Deadline): CallStep {
  switch (result.type) {
    case 'settled':
      if (result.decision) {
        call.decision = result.decision;
        noteDecision(call.call, result, progress);
      }
      if (result.as === 'rejected') countRejection(call.call, progress);
      progress.settledCalls += 1;
      if (result.failRun) throw expired(call);
      return { type: 'done', as: result.as, output: result.output };
    case 'open':
      if (result.request) addFound(call, result.request);
      call.looks += 1;
      deadline.retryAfter(minute);
      return { type: 'wait' };
    case 'review':
      return {
        type: 'request',
        arguments: result.arguments,
        kind: 'call',
        ...(result.because === undefined ? {} : { because: result.because }),
        ...(result.seal === undefined ? {} : { seal: result.seal }),
        ...(result.draft === undefined ? {} : { draft: result.draft }),
      };
    case 'unknown':
      return {
        type: 'request',
        arguments: call.call.arguments,
        kind: 'outcome',
        because: result.message,
        ...(result.seal === undefined ? {} : { seal: result.seal }),
      };
    case 'paused':
      // The next attempt is retried by Temporal until the assistant is resumed: it adds no event to the history.
      call.paused = result.pause;
      return { type: 'settle' };
    case 'ask-again':
      return askAgain(call);
  }
}

/** Adds a request that the Activity found in the database. The run does not know it after a reset to before it. */
function addFound(call: CallProgress, { deadlineAt, ...request }: OpenRequest): void {
  if (request.number <= (call.requests.at(-1)?.number ?? 0)) return;
  call.requests.push(request);
  if (deadlineAt !== undefined) call.deadlineAt = deadlineAt;
  call.waitingSince ??= Date.now();
}

/** Repeats a request that the hosted service rejected without a person, after a pause. Parks after 30 rejections. */
function askAgain(call: CallProgress): CallStep {
  const again: Step<'request'> = {
    type: 'request',
    ...(call.asked ?? { arguments: call.call.arguments, kind: 'call' }),
  };
  call.systemRejections += 1;
  const pauseMs = pauseBeforeAskingAgain(call.systemRejections);
  if (pauseMs !== undefined) return { ...again, notBefore: Date.now() + pauseMs };
  call.systemRejections = 0;
  call.parked = {
    type: 'ReviewRejectedBySystem',
    message: `${failures.ReviewRejectedBySystem.says} The request was made ${maxSystemRejections} times. \`runs retry\` makes it again.`,
    since: Date.now(),
    callKey: call.key,
  };
  return again;
}

/** Waits until `notBefore`. Returns false when the deadline or a superseding message came first. */
async function pause(
  notBefore: number,
  superseded: () => boolean,
  gate: ContinueAsNewGate,
  deadline: Deadline,
): Promise<boolean> {
  deadline.arm();
  const timer = new Timer(notBefore - Date.now(), 'asks again');
  try {
    await gate.until(() => timer.fired || superseded() || deadline.passed);
    return !superseded() && !deadline.passed;
  } finally {
    timer.cancel();
  }
}

/** The call as the Activities take it. */
export function callReference({ key, call }: CallProgress, { approval }: RunInput): CallReference {
  return { key, callId: call.callId, tool: call.tool, arguments: call.arguments, ...(approval && { approval }) };
}

/** Names an Activity in Temporal's Web UI. */
function label({ call }: CallProgress, aside?: string): string {
  return `${call.tool} · ${call.callId}${aside === undefined ? '' : ` · ${aside}`}`;
}

function expired(call: CallProgress): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Nobody decided on "${call.call.tool}" in time, and the tool says onExpiry: "fail-run".`,
    'ApprovalExpired',
    call.key,
  );
}
