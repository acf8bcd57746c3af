import type { ApprovalRequest, RequestKind } from './approval.ts';
import type { StandaloneApproval } from './standalone-approval.ts';
import type { CallKey } from './call-key.ts';
import type { ConversationRef } from './conversation.ts';
import type { Decision } from './decision.ts';
import type { Json } from '@holdpoint/json';
import type { Payload } from './payload.ts';
import type { TurnInput } from './run.ts';
import type { CallOutput, PlannedCall, SettledAs } from './tool-call.ts';

/** What a Run's Workflow asks of the world, and what it hears back. All of it stands in histories: only add fields. */
export type RunActivities = {
  takeTurn(input: TakeTurnInput): Promise<TurnResult>;
  requestApproval(input: RequestApprovalInput): Promise<RequestedApproval>;
  settleToolCall(input: SettleInput): Promise<SettleResult>;
  withdrawApproval(input: WithdrawInput): Promise<void>;
};

export type TakeTurnInput = {
  assistant: string;
  context: Json;
  turn: number;
  conversation: ConversationRef | null;
  /** The run whose conversation the first turn goes on with. */
  continueFrom?: string;
  input: TurnInput;
  /** What the Workflow says its first run id is. */
  firstRunId?: string;
};

export type TurnResult = {
  conversation: ConversationRef;
  /** The assistant's own limit; null where it sets none. */
  maxTurns: number | null;
  outcome: { type: 'answer'; output: Payload; refused?: true } | { type: 'calls'; calls: PlannedCall[] };
};

/** A call as the Activities need it to act for it. They trust none of this: see settle-tool-call.ts. */
export type CallReference = {
  key: CallKey;
  callId: string;
  tool: string;
  arguments: Payload;
  /** Set where the call is a standalone approval. */
  approval?: StandaloneApproval;
};

export type RequestApprovalInput = {
  assistant: string;
  context: Json;
  call: CallReference;
  /** What the reviewer sees and approves: the call's arguments, or a reviewer's edit of them. */
  arguments: Payload;
  number: number;
  kind: RequestKind;
  /** Why it is asked again, for the reviewer. */
  because?: string;
  conversation: ConversationRef | null;
  /** Milliseconds since the epoch; set once an earlier request of this Approval fixed it. */
  deadlineAt?: number;
};

export type RequestedApproval = {
  number: number;
  /** `decided`: the answer is there to be read at once. */
  status: 'pending' | 'decided';
  id?: string;
  reviewUrl?: string;
  possiblyTwo?: true;
  deadlineAt?: number;
};

export type OpenRequest = ApprovalRequest & { deadlineAt?: number };

export type SettleInput = {
  assistant: string;
  context: Json;
  call: CallReference;
  /** Requests whose reply was lost, as news named them: number and id. */
  lost: Array<{ number: number; id: string }>;
  /** The deadline has passed: close the request if it is still open. */
  close: boolean;
  /** How often somebody said `runs retry` to this call. */
  retries: number;
  /** A newer message replaces this call, unless somebody has decided on it or its tool has begun. */
  supersede?: true;
};

export type SettleResult =
  | { type: 'settled'; as: SettledAs; output: CallOutput; decision?: Decision; failRun?: true }
  /** Nobody has decided yet. `request`: what was looked at, for a run that does not know it (it was reset). */
  | { type: 'open'; request?: OpenRequest }
  /** A (further) request has to be decided first. */
  | { type: 'review'; arguments: Payload; because?: string }
  /** The service rejected by itself: ask the same again, later. */
  | { type: 'ask-again' }
  /** The action may have happened: ask a person. */
  | { type: 'unknown'; message: string };

export type WithdrawInput = {
  assistant: string;
  approvalIds: string[];
  reason: 'withdrawn';
  /** Calls that were being asked when the run ended: a request may stand at the service whose id never came back. */
  asked?: CallKey[];
};
