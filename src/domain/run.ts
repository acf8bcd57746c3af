import type { ApprovalRequest } from './approval.ts';
import type { StandaloneApproval } from './standalone-approval.ts';
import type { CallKey } from './call-key.ts';
import type { ConversationRef } from './conversation.ts';
import type { Decision } from './decision.ts';
import type { FailureType } from './failures.ts';
import type { Pause } from '@holdpoint/cheqpoint';
import type { Json } from '@holdpoint/json';
import type { Payload } from './payload.ts';
import type { QuestionCounts } from './question.ts';
import type { RunTrace } from './run-trace.ts';
import type { CallOutput, PlannedCall, SettledAs } from './tool-call.ts';

export type { Pause };

/** The argument of the Run Workflow. */
export type RunInput = {
  assistant: string;
  /** The user's text, or the details of a standalone approval. */
  input: Payload;
  /** A standalone approval: no model, one call, no tool. */
  approval?: StandaloneApproval;
  /** For tools, policies and reviewers, never for the model. As trustworthy as those who may start runs. */
  context?: Json;
  /** Id of a completed or failed run of the same assistant, whose conversation this run continues. */
  continueFrom?: string;
  /** Turns before the run fails with `MaxTurnsExceeded`. @default the assistant's number, else 50 */
  maxTurns?: number;
  /** The request that started the run. */
  trace?: RunTrace;
  /** Ids of the runs that started this one, outermost first. */
  parents?: string[];
  /**
   * In a turn with one call, the first attempt to request its decision is a local Activity: one event instead of six.
   * Only for a Task Queue whose workers all know it: a worker of an earlier version can't replay such a run.
   */
  localRequests?: boolean;
  /** Set by continue-as-new only. */
  carried?: RunProgress;
};

/** `maxTurns` when neither the run nor its assistant sets it. */
export const defaultMaxTurns = 50;

/** The state of a Run, carried over continue-as-new. */
export type RunProgress = {
  turn: number;
  conversation: ConversationRef | null;
  next: TurnInput;
  /** The open turn's calls; empty between turns. */
  calls: CallProgress[];
  /** Rejections by fingerprint: the first repeat is reviewed, later ones are not. */
  rejections: { [fingerprint: string]: number };
  settledCalls: number;
  /** The newest decisions, oldest first, for Temporal's UI. */
  decided?: DecidedCall[];
  /** Queued messages of the user, oldest first. */
  messages: Payload[];
  /** A queued message supersedes: no call waits for a decision before the next turn. */
  supersede?: true;
  /** Ids of the newest messages, oldest first, by which repeats are recognised. */
  heard: Array<{ id: string; digest: string }>;
  /** The turn at which the user's newest message went to the model: `maxTurns` counts from there. */
  turnsBefore: number;
  /** The present search attributes. `state` is null unless the run waits or is parked. */
  shown?: {
    state: 'waiting' | 'parked' | null;
    /** Absent for a run that did not park, and in runs of versions without it. */
    reason?: string;
    tools: string[];
    approvals: string[];
    waitingSince: number | null;
  };
  /** Set while the turn is parked. */
  parked?: Parked;
};

/** A decision on a call of the run, for people. `by`: names of reviewers or of a rule, where the service says. */
export type DecidedCall = { tool: string; decision: Decision; by?: string; as: SettledAs };

/** The input of the next turn: the outputs of the last turn's calls, then the user's new messages. */
export type TurnInput = { outputs: CallOutput[]; messages: Payload[] };

/** The state of one call of the open turn. */
export type CallProgress = {
  call: PlannedCall;
  key: CallKey;
  position: number;
  step: CallStep;
  /** The newest request, so that it can be made again. */
  asked?: { arguments: Payload; kind: ApprovalRequest['kind']; because?: string; seal?: string; draft?: Payload };
  /** All requests of this call's Approval, oldest first. The last one counts. */
  requests: ApprovalRequest[];
  /** Milliseconds since the epoch; from the tool's `expiresIn`, fixed by the first request. */
  deadlineAt?: number;
  /** Milliseconds since the epoch. */
  waitingSince?: number;
  /** A hint came that no check has answered yet. */
  news: boolean;
  /** A hint of a question came that no Activity has read yet. */
  asks?: true;
  /** The questions on the newest request, as they were read last. */
  questions?: QuestionCounts;
  /** A message replaces this call unless it is decided. Cleared by the check that answers it. */
  supersede?: true;
  /** Checks since the last hint that found the request open. */
  looks: number;
  /** Rejections by the hosted service without a person. */
  systemRejections: number;
  /** How often `runs retry` resumed this call. */
  retries: number;
  /** Set while the call is parked. */
  parked?: Parked;
  /** Set while the tool may start but its assistant is paused at the review server. */
  paused?: Pause;
  /** Requests whose reply was lost, by number, with the ids that hints gave. */
  lost: Array<{ number: number; id: string }>;
  decision?: Decision;
  /** W3C traceparent of the request that hinted at the decision. */
  decisionTrace?: string;
};

export type CallStep =
  | {
      type: 'request';
      arguments: Payload;
      kind: ApprovalRequest['kind'];
      because?: string;
      /** The seal of `because`, for `requestApproval`. */
      seal?: string;
      draft?: Payload;
      notBefore?: number;
    }
  | { type: 'wait' }
  | { type: 'settle' }
  | { type: 'done'; as: SettledAs; output: CallOutput };

/** Why a turn or call is parked. `runs retry` resumes it. */
export type Parked = { type: FailureType; message: string; since: number; callKey?: CallKey };

/** The result of a Run. */
export type RunResult = {
  /** `approval`: a standalone approval, and `output` is its sealed decision. */
  kind?: 'approval';
  output: Payload;
  /** The model refused to answer. `output` is its text. */
  refused?: true;
  turns: number;
  toolCalls: number;
  /** Null for a standalone approval. */
  conversation: ConversationRef | null;
};

export type RunState = 'running' | 'waiting' | 'parked' | 'completed' | 'failed' | 'cancelled';

/** The answer of the Query `run`: the state of the run, for people. */
export type RunView = {
  kind?: 'approval';
  state: 'running' | 'waiting' | 'parked';
  assistant: string;
  turn: number;
  calls: CallView[];
  parked: Parked[];
  queuedMessages: number;
};

export type CallView = {
  key: string;
  callId: string;
  tool: string;
  arguments: Payload;
  state: 'requesting' | 'waiting' | 'settling' | 'parked' | 'done';
  approval?: {
    request: number;
    kind: ApprovalRequest['kind'];
    id?: string;
    reviewUrl?: string;
    waitingSince?: number;
    deadlineAt?: number;
    possiblyTwo?: true;
  };
  /** Questions of reviewers on the newest request. */
  questions?: QuestionCounts;
  /** The tool waits: its assistant is paused. */
  paused?: Pause;
  decision?: Decision;
  settledAs?: SettledAs;
};
