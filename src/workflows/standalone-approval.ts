import type { StandaloneApproval } from '../domain/standalone-approval.ts';
import type { Payload } from '../domain/payload.ts';
import type { RunProgress, RunResult } from '../domain/run.ts';
import type { CallOutput, PlannedCall } from '../domain/tool-call.ts';

/** A standalone approval: the one call of a run that needs no model and executes nothing. */
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

/** The end of such a run: its one call's output, which is the sealed decision. */
export function decidedResult(progress: RunProgress, { output }: CallOutput): RunResult {
  return { kind: 'approval', output, turns: 0, toolCalls: progress.settledCalls, conversation: null };
}
