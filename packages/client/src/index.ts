export { createClient } from './create-client.ts';
export { HoldpointError, RunCancelled, RunFailed } from './errors.ts';
export type {
  ApiCaller,
  ApiCallerList,
  ApiKey,
  CallerScopes,
  CreateApiCaller,
  NewApiKey,
  NewCallerScopes,
  RotateApiKey,
} from './api-key.ts';
export type { ResultOptions } from './answer-questions.ts';
export type { AnswerApproval, Approval, ApprovalDecision, ApprovalList, AskApproval } from './approval.ts';
export type { ApprovalRequestKind, Call, CallDecision, OpenApproval, Question, SettledAs } from './call.ts';
export type { AskedApproval, Client, ClientOptions, StartedRun } from './client.ts';
export type { ClientErrorCode, GatewayErrorCode } from './error-codes.ts';
export type { Json, JsonObject } from './json.ts';
export type {
  CreateRun,
  ListRuns,
  MessageOptions,
  ParkedReason,
  ParkedType,
  RetryingActivity,
  Run,
  RunList,
  RunState,
  RunSummary,
} from './run.ts';
export type {
  Cost,
  RecordedCall,
  RecordedDecision,
  RecordedRequest,
  RecordedTurn,
  RunRecord,
  ReadUsage,
  TokenUsage,
  Usage,
  UsageReport,
} from './run-record.ts';
export type { RemoveRuns, RunRemovalReport } from './removals.ts';
export type { RunEvent, WatchOptions } from './watch-run.ts';
