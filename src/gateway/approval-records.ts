import type { Approval, Call, Run } from '../schemas/rest.ts';
import { type ReviewAnswer, ReviewFailure, type ReviewService, type RiskLevel } from '@holdpoint/cheqpoint';
import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import type { Envelope } from '../signing/envelope.ts';

export type ApprovalRecordsDeps = {
  /** The review service, with the Connection Key of the assistant. @throws ReviewFailure without a key. */
  review: (assistant: string) => Pick<ReviewService, 'readRecord' | 'answerQuestion'>;
  /** The envelope and arguments of details that this Holdpoint sealed. */
  openEnvelope: (details: JsonObject) => { envelope: Envelope; args: JsonObject } | undefined;
};

/** A call of a run and the id of the request that it waits for, as the Workflow remembers them. */
export type WaitingCall = { run: Run; call: Call; approval: NonNullable<Call['approval']> & { id: string } };

/**
 * The request as the review service has it, or why it is not shown. `unavailable`: it may be read later. `gone`: no
 * request has this id for the gateway's key. `foreign`: the request is not of this call.
 */
export type RecordReading = { approval: Approval } | { reason: string; problem: 'unavailable' | 'gone' | 'foreign' };

/** Longest wait for the review service. */
const readTimeoutMs = 10_000;

/**
 * Reads a waiting request at the review service. Only its state and its place in the run come from the Workflow:
 * whoever can write to Temporal can make up the rest. The seal and the call key tie the record to the call.
 */
export async function readRecord(
  { review, openEnvelope }: ApprovalRecordsDeps,
  { run, call, approval: remembered }: WaitingCall,
  timeoutMs = readTimeoutMs,
): Promise<RecordReading> {
  const { id } = remembered;
  let answer: ReviewAnswer;
  try {
    answer = await review(run.assistant).readRecord(id, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    if (!(error instanceof ReviewFailure)) throw error;
    const isGone = error.kind === 'gone';
    const advice = isGone
      ? ' If its assistant has its own Connection Key, the gateway needs HOLDPOINT_CONNECTION_KEYS.'
      : '';
    return {
      reason: `The request ${id} can't be read. ${error.message}${advice}`,
      problem: isGone ? 'gone' : 'unavailable',
    };
  }
  const opened = answer.details === null ? undefined : openEnvelope(answer.details);
  if (answer.id !== id || opened === undefined)
    return { reason: `The request ${id} does not have the seal of this Holdpoint.`, problem: 'foreign' };
  const { envelope, args } = opened;
  if (envelope.callKey !== call.key || (envelope.run !== undefined && envelope.run !== run.id))
    return { reason: `The request ${id} belongs to another call.`, problem: 'foreign' };
  return {
    approval: {
      id,
      request: envelope.number,
      kind: envelope.kind,
      reviewUrl: answer.reviewUrl,
      waitingSince: answer.record?.createdAt ?? remembered.waitingSince,
      deadlineAt: envelope.deadline === null ? null : new Date(envelope.deadline).toISOString(),
      possiblyTwo: remembered.possiblyTwo,
      state: answer.status === 'pending' ? call.state : 'settling',
      runId: run.id,
      assistant: envelope.assistant,
      callKey: envelope.callKey,
      tool: envelope.tool,
      arguments: argumentsOf(envelope, args),
      summary: answer.record?.summary ?? null,
      riskLevel: answer.record?.riskLevel ?? (envelope.risk satisfies RiskLevel),
      riskReason: answer.record?.riskReason ?? envelope.because,
      justification: answer.record?.justification ?? null,
      context: envelope.context,
      shown: answer.record?.shown ?? null,
      ...(answer.questions && { questions: answer.questions }),
    },
  };
}

/** The arguments of the call. An outcome question has them in its sealed context. */
function argumentsOf({ kind, context }: Envelope, args: JsonObject): Json {
  return kind === 'outcome' && isJsonObject(context) ? (context['arguments'] ?? args) : args;
}
