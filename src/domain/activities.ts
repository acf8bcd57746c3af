import type { ApprovalRequest, RequestKind } from './approval.ts';
import type { StandaloneApproval } from './standalone-approval.ts';
import type { CallKey } from './call-key.ts';
import type { ConversationRef } from './conversation.ts';
import type { Decision } from './decision.ts';
import type { Pause } from '@holdpoint/cheqpoint';
import type { Json } from '@holdpoint/json';
import type { QuestionCounts } from './question.ts';
import type { Payload } from './payload.ts';
import type { TurnInput } from './run.ts';
import type { RunTrace } from './run-trace.ts';
import type { CallOutput, PlannedCall, SettledAs } from './tool-call.ts';

/** The Activities of a Run, with their inputs and results. Histories hold all of these: only add fields. */
export type RunActivities = {
  takeTurn(input: TakeTurnInput): Promise<TurnResult>;
  requestApproval(input: RequestApprovalInput): Promise<RequestedApproval>;
  settleToolCall(input: SettleInput): Promise<SettleResult>;
  withdrawApproval(input: WithdrawInput): Promise<void>;
  answerQuestions(input: AnswerQuestionsInput): Promise<QuestionCounts>;
};

/** Beside the input of each Activity: the request that started the run. */
export type Traced = { trace?: RunTrace };

export type TakeTurnInput = Traced & {
  assistant: string;
  context: Json;
  turn: number;
  conversation: ConversationRef | null;
  /** The run whose conversation the first turn continues. */
  continueFrom?: string;
  input: TurnInput;
  /** The first run id that the Workflow claims. */
  firstRunId?: string;
};

export type TurnResult = {
  conversation: ConversationRef;
  /** The assistant's limit. Null if it has none. */
  maxTurns: number | null;
  outcome: { type: 'answer'; output: Payload; refused?: true } | { type: 'calls'; calls: PlannedCall[] };
};

/** A call for the Activities. They trust none of it: see settle-tool-call.ts. */
export type CallReference = {
  key: CallKey;
  callId: string;
  tool: string;
  arguments: Payload;
  /** Set for a standalone approval. */
  approval?: StandaloneApproval;
};

export type RequestApprovalInput = Traced & {
  assistant: string;
  context: Json;
  call: CallReference;
  /** The arguments to approve: the call's own, or a reviewer's edit of them. */
  arguments: Payload;
  number: number;
  kind: RequestKind;
  /** Why the call is reviewed again, for the reviewer. Shown only with the seal of the Activity that said it. */
  because?: string;
  seal?: string;
  /** An `ApprovalDraft` of the request before. */
  draft?: Payload;
  conversation: ConversationRef | null;
  /**
   * Milliseconds since the epoch, as fixed by an earlier request of this Approval. The record of that request counts.
   */
  deadlineAt?: number;
  /** Milliseconds since the epoch by Temporal's clock, which a local Activity does not know. */
  askedAt?: number;
};

export type RequestedApproval = {
  number: number;
  /**
   * `decided`: the decision can be read at once. `deferred`: a local Activity made no request, so an ordinary one has
   * to.
   */
  status: 'pending' | 'decided' | 'deferred';
  id?: string;
  reviewUrl?: string;
  possiblyTwo?: true;
  /** Milliseconds since the epoch. */
  deadlineAt?: number;
  /** Who may decide, in words. */
  deciders?: string;
  /** Milliseconds until then, for a Workflow whose clock differs from the worker's. */
  expiresInMs?: number;
};

export type OpenRequest = ApprovalRequest & { deadlineAt?: number };

export type SettleInput = Traced & {
  assistant: string;
  context: Json;
  call: CallReference;
  /** Requests whose reply was lost, by number, with the ids that hints gave. */
  lost: Array<{ number: number; id: string }>;
  /** The deadline has passed: close the request if it is still open. */
  close: boolean;
  /** How often `runs retry` resumed this call. */
  retries: number;
  /** A newer message replaces this call unless it is decided or its tool was started. */
  supersede?: true;
  /**
   * The Workflow shows a pause: answer `paused` once. Otherwise the attempt fails with `AssistantPaused` and is
   * retried.
   */
  showsPause?: true;
  /** W3C traceparent of the request that hinted at the decision. */
  decisionTrace?: string;
};

export type SettleResult =
  /** `decider`: the reviewers or the rule, for people only. */
  | { type: 'settled'; as: SettledAs; output: CallOutput; decision?: Decision; decider?: string; failRun?: true }
  /** Still undecided. `request`: the request that was read, for a run that was reset and does not know it. */
  | { type: 'open'; request?: OpenRequest }
  /** A person decides a first or another request before the call runs. */
  | { type: 'review'; arguments: Payload; because?: string; draft?: Payload; seal?: string }
  /** The tool may start, but its assistant is paused. The next attempt waits until it is resumed. */
  | { type: 'paused'; pause: Pause }
  /** The service rejected the request without a person, so it is made again later. */
  | { type: 'ask-again' }
  /** The effect may have happened: a person is asked. */
  | { type: 'unknown'; message: string; seal?: string };

export type AnswerQuestionsInput = Traced & {
  assistant: string;
  call: CallReference;
  /** The conversation that asked for the call. Null for a standalone approval. */
  conversation: ConversationRef | null;
};

export type WithdrawInput = Traced & {
  assistant: string;
  approvalIds: string[];
  reason: 'withdrawn';
  /** Calls whose request was under way when the run ended: the service may have a request whose id is unknown. */
  asked?: CallKey[];
};
