import type { RunActivities } from '../domain/activities.ts';
import type { ReconcileActivities } from '../domain/reconcile.ts';
import type { Cost, TokenUsage } from '../domain/run-record.ts';
import type { SettledAs } from '../domain/tool-call.ts';

/** Counts what the Activities do. The worker's Prometheus metrics implement it. */
export type RunMeter = {
  /** One attempt at a turn has ended. */
  turnEnded(turn: { assistant: string; model: string; result: 'answer' | 'calls' | 'failed'; seconds: number }): void;
  /** A turn was recorded. `usage` is null if the model did not report it, `cost` if its price is not known. */
  turnRecorded(turn: { assistant: string; model: string; usage: TokenUsage | null; cost: Cost | null }): void;
  /** A request for a decision was made. */
  approvalRequested(request: { tool: string; kind: 'call' | 'outcome' }): void;
  /** A call's first attempt starts. `waitedMs`: since its decision. Undefined for a call without a decision. */
  toolStarted(start: { tool: string; waitedMs: number | undefined }): void;
  /** One attempt of a tool has ended. */
  toolAttempted(attempt: { tool: string; result: ToolAttemptResult; seconds: number }): void;
  /** It is unknown whether the tool acted: a person is asked. */
  outcomeUnknown(call: { tool: string }): void;
  /** The model gets the output of a call. */
  callSettled(call: { tool: string; as: SettledAs }): void;
  /** An attempt of an Activity failed. `reason`: the failure type. Undefined for an error that is not Holdpoint's. */
  attemptFailed(failure: { activity: ActivityName; reason: string | undefined }): void;
  /** A round of the reconcile Activity has ended. */
  reconciled(found: { read: number; signalled: number; withdrawn: number }): void;
};

export type ActivityName = keyof (RunActivities & ReconcileActivities);

/** `failed`: for good, and the model is told. `threw`: it may be retried, or its outcome is unknown. */
export type ToolAttemptResult = 'ok' | 'failed' | 'not-executed' | 'threw';
