import type { ApprovalRequest } from './approval.ts';
import type { StandaloneApproval } from './standalone-approval.ts';
import type { CallKey } from './call-key.ts';
import type { ConversationRef } from './conversation.ts';
import type { Decision } from './decision.ts';
import type { FailureType } from './failures.ts';
import type { Json } from '@holdpoint/json';
import type { Payload } from './payload.ts';
import type { CallOutput, PlannedCall, SettledAs } from './tool-call.ts';

/** The argument of the Run Workflow. */
export type RunInput = {
  assistant: string;
  /** The user's text; of a standalone approval: its details. */
  input: Payload;
  /** A standalone approval: no model, one call, nothing to execute. */
  approval?: StandaloneApproval;
  /** Reaches tools, policies and reviewers, never the model. As trustworthy as whoever may start runs. */
  context?: Json;
  /** Id of a completed or failed run of the same assistant: this one goes on with its conversation. */
  continueFrom?: string;
  /** Turns before the run fails with `MaxTurnsExceeded`; the assistant's own number, else 50. */
  maxTurns?: number;
  /** Run ids above this one, outermost first, for a run that another run started. */
  parents?: string[];
  /** Set by continue-as-new only. */
  carried?: RunProgress;
};

/** Turns a run may take when neither its input nor its assistant says. */
export const defaultMaxTurns = 50;

/** What a Run carries over continue-as-new: all that it knows. */
export type RunProgress = {
  turn: number;
  conversation: ConversationRef | null;
  next: TurnInput;
  /** The open turn's calls; empty between turns. */
  calls: CallProgress[];
  /** Rejections by fingerprint: the first repeat is reviewed, later ones are not. */
  rejections: { [fingerprint: string]: number };
  settledCalls: number;
  /** What the user said since, and the model was not told yet; oldest first. */
  messages: Payload[];
  /** One of them replaces whatever would wait for a person before the model is told. */
  supersede?: true;
  /** The newest messages by id, told or not, oldest first: one that comes again is known by it. */
  heard: Array<{ id: string; digest: string }>;
  /** Turns taken when the user's newest message went to the model: `maxTurns` counts from there. */
  turnsBefore: number;
  /** What the search attributes say; `state` is null for a run that nothing holds up. */
  shown?: { state: 'waiting' | 'parked' | null; tools: string[]; approvals: string[]; waitingSince: number | null };
  /** Set while the turn itself stands still until somebody says `runs retry`. */
  parked?: Parked;
};

/** What the next turn sends to the model: the outputs of the last turn's calls, then what the user said since. */
export type TurnInput = { outputs: CallOutput[]; messages: Payload[] };

/** Where one call of the open turn stands. */
export type CallProgress = {
  call: PlannedCall;
  key: CallKey;
  position: number;
  step: CallStep;
  /** What the newest request asked, so that it can be asked again. */
  asked?: { arguments: Payload; kind: ApprovalRequest['kind']; because?: string };
  /** All requests of this call's Approval, oldest first; the last one counts. */
  requests: ApprovalRequest[];
  /** Milliseconds since the epoch; from the tool's `expiresIn`, fixed by the first request. */
  deadlineAt?: number;
  /** Milliseconds since the epoch. */
  waitingSince?: number;
  /** News came that no look has answered yet. */
  news: boolean;
  /** A message is to replace this call, if nobody has decided on it yet; set until a look has answered it. */
  supersede?: true;
  /** Looks that found the request still open since the last news. */
  looks: number;
  /** Rejections by the hosted service itself that were asked again. */
  systemRejections: number;
  /** How often somebody said `runs retry` to this call. */
  retries: number;
  /** Set while the call stands still until somebody says `runs retry`. */
  parked?: Parked;
  /** Ids that news named for requests whose reply was lost. */
  lost: Array<{ number: number; id: string }>;
  decision?: Decision;
};

export type CallStep =
  | { type: 'request'; arguments: Payload; kind: ApprovalRequest['kind']; because?: string; notBefore?: number }
  | { type: 'wait' }
  | { type: 'settle' }
  | { type: 'done'; as: SettledAs; output: CallOutput };

/** Why a run stands still until somebody says `runs retry`. */
export type Parked = { type: FailureType; message: string; since: number; callKey?: CallKey };

/** What a finished Run returns. */
export type RunResult = {
  /** `approval`: a standalone approval, and `output` is its sealed decision. */
  kind?: 'approval';
  output: Payload;
  /** The model declined to answer; `output` holds its words. */
  refused?: true;
  turns: number;
  toolCalls: number;
  /** Null for a standalone approval. */
  conversation: ConversationRef | null;
};

export type RunState = 'running' | 'waiting' | 'parked' | 'completed' | 'failed' | 'cancelled';

/** What the Query `run` answers: where the run stands, for people. */
export type RunView = {
  kind?: 'approval';
  state: 'running' | 'waiting' | 'parked';
  assistant: string;
  turn: number;
  calls: CallView[];
  parked: Parked[];
  /** Messages that the model was not told yet. */
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
  decision?: Decision;
  settledAs?: SettledAs;
};
