import { isJsonObject } from '@holdpoint/json';
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { riskLevels, type RiskLevel } from '../domain/approval.ts';
import { longestAction, longestExpiryMs } from '../domain/standalone-approval.ts';
import type { RunInput, RunProgress } from '../domain/run.ts';

/**
 * The progress that a Run begins with: fresh, or carried over by continue-as-new. The input comes from anyone who may
 * start Workflows, and an exception in Workflow code would block the run, so its form is checked. The checks are
 * written by hand, since a schema library in Workflow code costs each waiting run a megabyte. A made-up call gains
 * nothing: `settleToolCall` trusts none of it.
 * @throws InvalidRunInput
 */
export function progressOf(input: RunInput): RunProgress {
  if (!isJsonObject(input) || typeof input.assistant !== 'string' || !isPayload(input.input)) {
    throw invalid('A run needs { assistant: string, input: Payload }. Start it by the client, the CLI or the gateway.');
  }
  if (input.maxTurns !== undefined && !(Number.isSafeInteger(input.maxTurns) && input.maxTurns > 0))
    throw invalid('maxTurns must be a whole number above 0, or left out.');
  if (input.approval !== undefined && !isStandaloneApproval(input.approval)) {
    throw invalid(
      'An approval needs { action: string, summary: string }, optionally with justification, riskLevel, expiresInMs and argumentsSchema. Request it by the client, the CLI or the gateway.',
    );
  }
  if (input.continueFrom !== undefined && (typeof input.continueFrom !== 'string' || input.approval !== undefined))
    throw invalid('continueFrom must be the id of a run, or left out. An approval has none.');
  if (input.trace !== undefined && !isJsonObject(input.trace)) throw invalid('trace must be an object, or left out.');
  if (input.parents !== undefined && !isList(input.parents, (parent) => typeof parent === 'string'))
    throw invalid('parents must be a list of run ids, or left out.');
  if (input.carried === undefined) {
    return {
      turn: 0,
      conversation: null,
      next: { outputs: [], messages: [input.input] },
      calls: [],
      rejections: {},
      settledCalls: 0,
      messages: [],
      heard: [],
      turnsBefore: 0,
    };
  }
  if (workflowInfo().continuedFromExecutionRunId === undefined)
    throw invalid("A new run can't have `carried`. Leave it out: only continue-as-new sets it.");
  if (!isProgress(input.carried) || (input.approval && input.carried.calls.length !== 1))
    throw invalid('`carried` is not the progress of a run.');
  return input.carried;
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidRunInput');
}

function isStandaloneApproval(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isText(value['action']) &&
    value['action'] !== '' &&
    (value['action'] as string).length <= longestAction &&
    isText(value['summary']) &&
    isOptional(value['justification'], isText) &&
    isOptional(value['riskLevel'], (level) => riskLevels.includes(level as RiskLevel)) &&
    isOptional(value['expiresInMs'], (span) => isCount(span) && (span as number) <= longestExpiryMs) &&
    isOptional(value['argumentsSchema'], isJsonObject)
  );
}

function isProgress(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isCount(value['turn']) &&
    isCount(value['settledCalls']) &&
    (value['conversation'] === null || isJsonObject(value['conversation'])) &&
    isTurnInput(value['next']) &&
    isJsonObject(value['rejections']) &&
    isList(value['calls'], isCall) &&
    isList(value['messages'], isPayload) &&
    isList(value['heard'], (message) => isJsonObject(message) && isText(message['id']) && isText(message['digest'])) &&
    isCount(value['turnsBefore']) &&
    isOptional(value['supersede'], isTrue) &&
    isOptional(value['shown'], isShown) &&
    isOptional(value['decided'], (decided) => isList(decided, isDecidedCall)) &&
    isOptional(value['parked'], isParked)
  );
}

function isCall(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isPlannedCall(value['call']) &&
    typeof value['key'] === 'string' &&
    isStep(value['step']) &&
    isList(
      value['requests'],
      (request) =>
        isJsonObject(request) &&
        isCount(request['number']) &&
        isOptional(request['id'], isText) &&
        isOptional(request['reviewUrl'], isText),
    ) &&
    isList(value['lost'], (lost) => isJsonObject(lost) && isText(lost['id'])) &&
    ['position', 'looks', 'systemRejections', 'retries'].every((field) => isCount(value[field])) &&
    ['deadlineAt', 'waitingSince'].every((field) => isOptional(value[field], isTime)) &&
    typeof value['news'] === 'boolean' &&
    isOptional(value['supersede'], isTrue) &&
    isOptional(value['asks'], isTrue) &&
    isOptional(value['questions'], isJsonObject) &&
    isOptional(value['decision'], isJsonObject) &&
    isOptional(value['asked'], isQuestion) &&
    isOptional(value['parked'], isParked) &&
    isOptional(value['paused'], isPause) &&
    isOptional(value['decisionTrace'], isText)
  );
}

function isPlannedCall(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    ['callId', 'tool', 'fingerprint'].every((field) => isText(value[field])) &&
    isPayload(value['arguments']) &&
    isJsonObject(value['plan']) &&
    isCount(value['timeoutMs']) &&
    isOptional(value['toolQueue'], isText)
  );
}

function isStep(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  switch (value['type']) {
    case 'request':
      return isQuestion(value) && isOptional(value['notBefore'], isTime);
    case 'done':
      return isText(value['as']) && isOutput(value['output']);
    default:
      return value['type'] === 'wait' || value['type'] === 'settle';
  }
}

function isQuestion(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isPayload(value['arguments']) &&
    isText(value['kind']) &&
    isOptional(value['because'], isText) &&
    isOptional(value['seal'], isText)
  );
}

function isTurnInput(value: unknown): boolean {
  return isJsonObject(value) && isList(value['outputs'], isOutput) && isList(value['messages'], isPayload);
}

function isOutput(value: unknown): boolean {
  return isJsonObject(value) && isText(value['callId']) && isPayload(value['output']) && isCount(value['obtainedAt']);
}

function isDecidedCall(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isText(value['tool']) &&
    isText(value['as']) &&
    isOptional(value['by'], isText) &&
    isJsonObject(value['decision']) &&
    isText(value['decision']['outcome'])
  );
}

function isShown(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    (value['state'] === null || isText(value['state'])) &&
    isOptional(value['reason'], isText) &&
    isList(value['tools'], isText) &&
    isList(value['approvals'], isText) &&
    (value['waitingSince'] === null || isTime(value['waitingSince']))
  );
}

function isPause(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isText(value['by']) &&
    isText(value['at']) &&
    (value['reason'] === null || isText(value['reason']))
  );
}

function isParked(value: unknown): boolean {
  return isJsonObject(value) && isText(value['type']) && isText(value['message']) && isTime(value['since']);
}

function isPayload(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    ((value['type'] === 'inline' && 'value' in value) || (value['type'] === 'stored' && isText(value['digest'])))
  );
}

function isList(value: unknown, item: (value: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(item);
}

function isOptional(value: unknown, kind: (value: unknown) => boolean): boolean {
  return value === undefined || kind(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTrue(value: unknown): boolean {
  return value === true;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

/** Milliseconds since the epoch, within the range of JavaScript's dates. */
function isTime(value: unknown): boolean {
  return isCount(value) && !Number.isNaN(new Date(value as number).getTime());
}
