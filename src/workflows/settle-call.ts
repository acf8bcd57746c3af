import { ApplicationFailure } from '@temporalio/workflow';
import type { CallReference, OpenRequest, SettleResult } from '../domain/activities.ts';
import { pauseBeforeAskingAgain, systemRejectionsBorne } from '../domain/ask-again.ts';
import { failures } from '../domain/failures.ts';
import type { CallProgress, CallStep, RunInput, RunProgress } from '../domain/run.ts';
import { requestApproval, settleToolCall } from './activities.ts';
import { withParking } from './parking.ts';
import { countRejection } from './repeats.ts';
import type { ContinueAsNewGate } from './continue-as-new-gate.ts';
import type { RunVisibility } from './run-visibility.ts';
import { Timer } from './timer.ts';
import { Deadline } from './deadline.ts';

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
/** After news that turned out to be early: looks again after these, then leaves it to the reconcile Schedule. */
const lookAgainAfter = [2 * second, 10 * second];

/** Settles one tool call: asks for a decision where one is needed, waits for it, and lets the call act on it, once. */
export async function settleCall(settling: Settling): Promise<void> {
  const { call, visibility } = settling;
  const deadline = new Deadline(call);
  try {
    for (;;) {
      switch (call.step.type) {
        case 'request':
          await ask(settling, call.step, deadline);
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

/** Whether a call waits for the world and holds nothing: only then may the run continue as new. */
export function isResting(call: CallProgress): boolean {
  if (call.step.type === 'done' || call.parked) return true;
  if (call.step.type === 'request') return call.step.notBefore !== undefined && call.step.notBefore > Date.now();
  // News that is not looked at yet is carried over: a flood of it must not keep a long run from continuing as new.
  return call.step.type === 'wait';
}

/** Sends a request of this call's Approval. */
async function ask(
  { input, progress, call, visibility, gate }: Settling,
  step: Step<'request'>,
  deadline: Deadline,
): Promise<void> {
  // What is to be replaced is not asked any more. Whether an action happened is: its tool had begun.
  const replaced = (): boolean => call.supersede === true && step.kind === 'call';
  if (replaced() || (step.notBefore !== undefined && !(await pause(step.notBefore, replaced, gate, deadline)))) {
    call.step = { type: 'settle' };
    return;
  }
  const number = (call.requests.at(-1)?.number ?? 0) + 1;
  const requested = await withParking(
    call,
    gate,
    () => visibility.update(),
    () =>
      requestApproval.executeWithOptions(
        { summary: label(call, step.kind === 'outcome' ? 'what happened?' : undefined) },
        [
          {
            assistant: input.assistant,
            context: input.context ?? null,
            call: reference(call, input),
            arguments: step.arguments,
            number,
            kind: step.kind,
            conversation: progress.conversation,
            ...(step.because === undefined ? {} : { because: step.because }),
            ...(call.deadlineAt === undefined ? {} : { deadlineAt: call.deadlineAt }),
          },
        ],
      ),
  );
  const { type: _, notBefore: __, ...asked } = step;
  call.asked = asked;
  const { status, deadlineAt, ...request } = requested;
  call.requests.push({ ...request, kind: step.kind });
  if (deadlineAt !== undefined) call.deadlineAt = deadlineAt;
  call.waitingSince ??= Date.now();
  call.looks = 0;
  call.step = status === 'decided' ? { type: 'settle' } : { type: 'wait' };
}

/** Waits, at no cost, until there is something to look at. */
async function waitForHint({ call, gate }: Settling, deadline: Deadline): Promise<void> {
  deadline.arm();
  const lookAgain = lookAgainAfter[call.looks - 1];
  const look = lookAgain === undefined ? undefined : new Timer(lookAgain, 'looks again');
  try {
    await gate.until(() => call.news || call.supersede === true || deadline.passed || look?.fired === true);
  } finally {
    look?.cancel();
  }
  call.step = { type: 'settle' };
}

/** Reads the decision at its source and acts on it, in one Activity. */
async function settle({ input, progress, call, visibility, gate }: Settling, deadline: Deadline): Promise<void> {
  call.news = false;
  let supersede = call.supersede;
  const result = await withParking(
    call,
    gate,
    () => visibility.update(),
    () => {
      supersede = call.supersede;
      return settleToolCall.executeWithOptions(
        { summary: label(call), startToCloseTimeout: call.call.timeoutMs + 2 * minute },
        [
          {
            assistant: input.assistant,
            context: input.context ?? null,
            call: reference(call, input),
            lost: call.lost,
            close: deadline.passed,
            retries: call.retries,
            ...(supersede && { supersede }),
          },
        ],
      );
    },
  );
  // One that came during the look has to be answered by another.
  if (supersede) delete call.supersede;
  call.step = next(call, progress, result, deadline);
}

/** Where a call goes on after a look. */
function next(call: CallProgress, progress: RunProgress, result: SettleResult, deadline: Deadline): CallStep {
  switch (result.type) {
    case 'settled':
      if (result.decision) call.decision = result.decision;
      if (result.as === 'rejected') countRejection(call.call, progress);
      progress.settledCalls += 1;
      if (result.failRun) throw expired(call);
      return { type: 'done', as: result.as, output: result.output };
    case 'open':
      if (result.request) remember(call, result.request);
      call.looks += 1;
      deadline.putOff(minute);
      return { type: 'wait' };
    case 'review':
      return {
        type: 'request',
        arguments: result.arguments,
        kind: 'call',
        ...(result.because === undefined ? {} : { because: result.because }),
      };
    case 'unknown':
      return { type: 'request', arguments: call.call.arguments, kind: 'outcome', because: result.message };
    case 'ask-again':
      return askAgain(call);
  }
}

/** A request that a look found and this run has not made: it was reset to before it. */
function remember(call: CallProgress, { deadlineAt, ...request }: OpenRequest): void {
  if (request.number <= (call.requests.at(-1)?.number ?? 0)) return;
  call.requests.push(request);
  if (deadlineAt !== undefined) call.deadlineAt = deadlineAt;
  call.waitingSince ??= Date.now();
}

/** The hosted service rejected by itself: the same question again after a minute, two, four, up to a day. */
function askAgain(call: CallProgress): CallStep {
  call.systemRejections += 1;
  const pause = pauseBeforeAskingAgain(call.systemRejections);
  if (pause === undefined) {
    call.systemRejections = 0;
    call.parked = {
      type: 'ReviewRejectedBySystem',
      message: `${failures.ReviewRejectedBySystem.says} It was asked ${systemRejectionsBorne} times; \`runs retry\` asks again.`,
      since: Date.now(),
      callKey: call.key,
    };
    return again(call);
  }
  return { ...again(call), notBefore: Date.now() + pause };
}

function again(call: CallProgress): Step<'request'> {
  return { type: 'request', ...(call.asked ?? { arguments: call.call.arguments, kind: 'call' }) };
}

/** Waits until `notBefore`; false when the deadline, or a message that replaces the call, came first. */
async function pause(
  notBefore: number,
  replaced: () => boolean,
  gate: ContinueAsNewGate,
  deadline: Deadline,
): Promise<boolean> {
  deadline.arm();
  const timer = new Timer(notBefore - Date.now(), 'asks again');
  try {
    await gate.until(() => timer.fired || replaced() || deadline.passed);
    return !replaced() && !deadline.passed;
  } finally {
    timer.cancel();
  }
}

function reference({ key, call }: CallProgress, { approval }: RunInput): CallReference {
  return { key, callId: call.callId, tool: call.tool, arguments: call.arguments, ...(approval && { approval }) };
}

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
