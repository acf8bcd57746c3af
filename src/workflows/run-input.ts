import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { riskLevels, type RiskLevel } from '../domain/approval.ts';
import { longestAction, longestExpiryMs } from '../domain/standalone-approval.ts';
import type { RunInput, RunProgress } from '../domain/run.ts';

type Fields = { [field: string]: unknown };

/**
 * Where a Run begins: at its start, or with what the run before it carried over. Anybody who may start Workflows can
 * put anything here, and an exception in Workflow code would hang the run for ever; so it is looked at by hand (a
 * schema library in Workflow code costs each waiting run a megabyte). Only its form matters: a call that somebody made
 * up acts no sooner than any other, since `settleToolCall` trusts none of it.
 * @throws InvalidRunInput
 */
export function progressOf(input: RunInput): RunProgress {
  if (!isObject(input) || typeof input.assistant !== 'string' || !isPayload(input.input)) {
    throw invalid('A run needs { assistant: string, input: Payload }. Start it by the client, the CLI or the gateway.');
  }
  if (input.maxTurns !== undefined && !(Number.isSafeInteger(input.maxTurns) && input.maxTurns > 0))
    throw invalid('A run needs a whole number above 0 as maxTurns, or none.');
  if (input.approval !== undefined && !isStandaloneApproval(input.approval)) {
    throw invalid(
      'An approval needs { action: string, summary: string }, and of justification, riskLevel, expiresInMs and argumentsSchema what it has. Ask for it by the client, the CLI or the gateway.',
    );
  }
  if (input.continueFrom !== undefined && (typeof input.continueFrom !== 'string' || input.approval !== undefined))
    throw invalid('A run needs the id of a run as continueFrom, or none; an approval has none.');
  if (input.parents !== undefined && !isList(input.parents, (parent) => typeof parent === 'string'))
    throw invalid('A run needs a list of run ids as parents, or none.');
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
    throw invalid('A run that is new has nothing to carry. Leave `carried` out: only continue-as-new sets it.');
  if (!isProgress(input.carried) || (input.approval && input.carried.calls.length !== 1))
    throw invalid("A run can't go on from what was carried over: it is not the progress of a run.");
  return input.carried;
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidRunInput');
}

function isStandaloneApproval(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['action']) &&
    value['action'] !== '' &&
    (value['action'] as string).length <= longestAction &&
    isText(value['summary']) &&
    isOptional(value['justification'], isText) &&
    isOptional(value['riskLevel'], (level) => riskLevels.includes(level as RiskLevel)) &&
    isOptional(value['expiresInMs'], (span) => isCount(span) && (span as number) <= longestExpiryMs) &&
    isOptional(value['argumentsSchema'], isObject)
  );
}

function isProgress(value: unknown): boolean {
  return (
    isObject(value) &&
    isCount(value['turn']) &&
    isCount(value['settledCalls']) &&
    (value['conversation'] === null || isObject(value['conversation'])) &&
    isTurnInput(value['next']) &&
    isObject(value['rejections']) &&
    isList(value['calls'], isCall) &&
    isList(value['messages'], isPayload) &&
    isList(value['heard'], (message) => isObject(message) && isText(message['id']) && isText(message['digest'])) &&
    isCount(value['turnsBefore']) &&
    isOptional(value['supersede'], isTrue) &&
    isOptional(value['shown'], isShown) &&
    isOptional(value['parked'], isParked)
  );
}

function isCall(value: unknown): boolean {
  return (
    isObject(value) &&
    isPlannedCall(value['call']) &&
    typeof value['key'] === 'string' &&
    isStep(value['step']) &&
    isList(
      value['requests'],
      (request) =>
        isObject(request) &&
        isCount(request['number']) &&
        isOptional(request['id'], isText) &&
        isOptional(request['reviewUrl'], isText),
    ) &&
    isList(value['lost'], (lost) => isObject(lost) && isText(lost['id'])) &&
    ['position', 'looks', 'systemRejections', 'retries'].every((field) => isCount(value[field])) &&
    ['deadlineAt', 'waitingSince'].every((field) => isOptional(value[field], isTime)) &&
    typeof value['news'] === 'boolean' &&
    isOptional(value['supersede'], isTrue) &&
    isOptional(value['decision'], isObject) &&
    isOptional(value['asked'], isQuestion) &&
    isOptional(value['parked'], isParked)
  );
}

function isPlannedCall(value: unknown): boolean {
  return (
    isObject(value) &&
    ['callId', 'tool', 'fingerprint'].every((field) => isText(value[field])) &&
    isPayload(value['arguments']) &&
    isObject(value['plan']) &&
    isCount(value['timeoutMs'])
  );
}

function isStep(value: unknown): boolean {
  if (!isObject(value)) return false;
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
    isObject(value) && isPayload(value['arguments']) && isText(value['kind']) && isOptional(value['because'], isText)
  );
}

function isTurnInput(value: unknown): boolean {
  return isObject(value) && isList(value['outputs'], isOutput) && isList(value['messages'], isPayload);
}

function isOutput(value: unknown): boolean {
  return isObject(value) && isText(value['callId']) && isPayload(value['output']) && isCount(value['obtainedAt']);
}

function isShown(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['state'] === null || isText(value['state'])) &&
    isList(value['tools'], isText) &&
    isList(value['approvals'], isText) &&
    (value['waitingSince'] === null || isTime(value['waitingSince']))
  );
}

function isParked(value: unknown): boolean {
  return isObject(value) && isText(value['type']) && isText(value['message']) && isTime(value['since']);
}

function isPayload(value: unknown): boolean {
  return (
    isObject(value) &&
    ((value['type'] === 'inline' && 'value' in value) || (value['type'] === 'stored' && isText(value['digest'])))
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

/** Milliseconds since the epoch, within JavaScript's own range of dates. */
function isTime(value: unknown): boolean {
  return isCount(value) && !Number.isNaN(new Date(value as number).getTime());
}
