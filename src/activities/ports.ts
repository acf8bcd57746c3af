import type { ReviewAnswer, ReviewRequest } from '@holdpoint/cheqpoint';
import type { RequestKind } from '../domain/approval.ts';
import type { CallKey } from '../domain/call-key.ts';
import type { ConversationRef } from '../domain/conversation.ts';
import type { DecisionHint } from '../domain/decision.ts';
import type { EarlyRead } from '../domain/early-read.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import type { Span, WalkPosition } from '../domain/reconcile.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { CallRecord, RunBegin, TokenUsage, TurnRecord } from '../domain/run-record.ts';

/* The ports of the Activities. Adapters implement them. Tests pass fakes. */

// ---- the model ----------------------------------------------------------------------------------------------------

/** One OpenAI API: Responses or Assistants. The Run does not know which. */
export interface ModelSurface {
  /**
   * One round trip: sends the input and waits until the model answers or asks for tools.
   * @throws ModelFailure, classified; every other error is retried.
   */
  takeTurn(request: TurnRequest): Promise<TurnReply>;
  /**
   * Asks the model beside its conversation: with the saved transcript and these outputs of its open calls. No tool can
   * be called, and nothing is added to the conversation or to a thread.
   * @throws ModelFailure, classified.
   */
  answerAside(request: AsideRequest): Promise<string>;
}

/** A question beside the conversation. `outputs`: one for each open call. */
export type AsideRequest = Pick<TurnRequest, 'assistant' | 'runId' | 'firstRunId' | 'turn' | 'signal'> & {
  conversation: ConversationRef;
  outputs: TurnRequest['input']['outputs'];
};

export type TurnRequest = {
  assistant: Assistant;
  /** Workflow id and first run id. They are metadata of the OpenAI object, so that a duplicate can be traced. */
  runId: string;
  firstRunId: string;
  /** The `context` that the run was started with, or null. Never sent to the model. */
  context: Json;
  turn: number;
  /** The number of this attempt at the turn, from 1. @default 1 */
  attempt?: number;
  /** The conversation so far. Null at its start. */
  conversation: ConversationRef | null;
  /** The outputs of all calls of the last turn, and the user's new messages. Not both are empty. */
  input: { outputs: Array<{ callId: string; output: string }>; messages: string[] };
  /** Aborts when the Activity is cancelled. */
  signal: AbortSignal;
  /** Called with the length of every streamed piece of text or arguments. */
  onDelta: (characters: number) => void;
  /** The note of an earlier attempt's `checkpoint`, or null. */
  resumeFrom: JsonObject | null;
  /** Stores a note durably, for example the id of a background response. Resolves when the server has it. */
  checkpoint: (note: JsonObject) => Promise<void>;
};

export type TurnReply = {
  conversation: ConversationRef;
  outcome:
    | { type: 'answer'; text: string; refused?: true }
    | { type: 'calls'; calls: RequestedCall[]; /** The model's text beside its calls. */ words: string | null };
  /** The model that answered, as the server names it. Absent if it names none. */
  model?: string;
  /** Absent if the server reported none. */
  usage?: TokenUsage;
};

/**
 * A tool call as the model wrote it. `arguments` is unchecked text. `answer`: the surface knows the output already (the
 * model repeats a call whose outcome was carried over), so the call is neither reviewed nor run.
 */
export type RequestedCall = { callId: string; name: string; arguments: string; answer?: string };

// ---- Holdpoint's database -----------------------------------------------------------------------------------------

/**
 * Values too large for the history, by digest (SHA-256 hex of their JSON text). Immutable. Each belongs to the runs
 * that stored it: a digest alone, which anyone who reads histories knows, gives no access.
 */
export interface StoredValues {
  put(json: string, owner: ValueOwner): Promise<{ digest: string; bytes: number }>;
  /** The JSON text. Undefined when it is not there, or belongs to other runs only. */
  get(digest: string, owner: ValueOwner & { firstRunId: string }): Promise<string | undefined>;
}

/** A run by its id, and its first run id, since a run id can be used again. Null: stored before the run has started. */
export type ValueOwner = { runId: string; firstRunId: string | null };

/** The stored values of one run. */
export interface RunValues {
  put(json: string): Promise<{ digest: string; bytes: number }>;
  get(digest: string): Promise<string | undefined>;
}

/** Transcript entries: one per turn, immutable, chained by `parent`. A surface writes its own items. */
export interface Transcripts {
  append(entry: TranscriptEntry): Promise<{ entry: string; digest: string; bytes: number }>;
  /** The entry and its ancestors, oldest first. Undefined when one is missing. */
  read(entry: string): Promise<TranscriptEntry[] | undefined>;
  /** The entries of the newest turn that a run kept. More than one where an attempt's reply was lost. */
  newestOf(runId: string, firstRunId: string): Promise<TranscriptEntry[]>;
  /** One entry. */
  get(entry: string): Promise<TranscriptEntry | undefined>;
}

export type TranscriptEntry = {
  id: string;
  parent: string | null;
  runId: string;
  firstRunId: string;
  turn: number;
  /** Name of the assistant. */
  assistant: string;
  surface: 'responses' | 'assistants';
  /** The surface's state after this turn: `ConversationRef.surface`. */
  state: JsonObject;
  /** The items sent and received, complete enough to replay them. */
  sent: Json[];
  received: Json[];
  /** The model's text beside its calls, for the reviewer. */
  words: string | null;
};

/** The assistants that the workers of this Task Queue publish. */
export interface PublishedAssistants {
  /** Names that running workers have. */
  live(): Promise<string[]>;
  /** True if a worker ever had this assistant. */
  everHad(name: string): Promise<boolean>;
}

/** The requests made for each call. No later attempt, reset or forged input can overlook one. */
export interface ApprovalRequests {
  /** All requests of a call, oldest first. */
  list(callKey: CallKey): Promise<RequestRow[]>;
  /** Before the POST. `exists` leaves the row as it was. */
  open(row: NewRequestRow): Promise<'opened' | 'exists'>;
  /** After the reply. */
  answered(
    callKey: CallKey,
    number: number,
    reply: { id: string | null; reviewUrl: string | null; atOnce: ReviewAnswer | null },
  ): Promise<void>;
  /** Deletes the row of a POST that certainly did not arrive. */
  abandon(callKey: CallKey, number: number): Promise<void>;
}

/** `request` is kept whole, since a repeat under its idempotency key must be identical. */
export type NewRequestRow = {
  callKey: CallKey;
  number: number;
  kind: RequestKind;
  request: ReviewRequest;
  openedAt: number;
};
export type RequestRow = NewRequestRow & {
  /** True if a reply came. Without one, the request may or may not exist. */
  answered: boolean;
  id: string | null;
  reviewUrl: string | null;
  /** The decision in the reply to the POST, if there was one. */
  atOnce: ReviewAnswer | null;
};

/**
 * The effect ledger: one row per start of a tool, unique on call key and start number, committed before the tool
 * starts.
 */
export interface EffectLedger {
  /** The row with the highest start number. Undefined when no tool was started. */
  newest(callKey: CallKey): Promise<EffectRow | undefined>;
  /** Inserts an open row. `exists`: another attempt was first, and nothing is written. */
  start(row: EffectStart): Promise<'started' | 'exists'>;
  /**
   * Inserts a row that ended as `superseded`: the call never acts. `exists`: an attempt was first, and nothing is
   * written.
   */
  refuse(refusal: EffectRefusal, output: EffectOutput): Promise<'refused' | 'exists'>;
  /**
   * Gives an open row of attempt `from` to this attempt, and counts it. False when the row is closed or another
   * attempt's.
   */
  takeOver(callKey: CallKey, start: number, from: string, attempt: EffectAttempt): Promise<boolean>;
  /** Closes a row and returns it. A closed row keeps its first end. */
  close(callKey: CallKey, start: number, end: EffectEnd): Promise<EffectRow>;
  /** Deletes an open row of this attempt, whose tool was not called. False when the row is closed or doubted. */
  release(callKey: CallKey, start: number, attemptId: string): Promise<boolean>;
  /** Closes an open row of this attempt, whose tool did nothing. False when the row is closed or doubted. */
  notHappened(callKey: CallKey, start: number, attemptId: string, at: number): Promise<boolean>;
  /** Marks an open row as one with an unknown outcome. */
  doubt(callKey: CallKey, start: number): Promise<void>;
}

export type EffectAttempt = { attemptId: string; worker: string; at: number };
export type EffectStart = EffectAttempt & {
  callKey: CallKey;
  start: number;
  runId: string;
  tool: string;
  effect: 'idempotent' | 'at-most-once';
  argumentsDigest: string;
  /** The highest request number of the call so far. A later outcome request asks about this start. */
  requestsBefore: number;
  /** The approved request. Null for a call without review. */
  request: { number: number; id: string | null } | null;
};
export type EffectRefusal = Pick<EffectStart, 'callKey' | 'start' | 'runId' | 'tool' | keyof EffectAttempt>;
export type EffectEnd = {
  state: 'done' | 'failed' | 'confirmed' | 'given-up' | 'not-happened';
  output: EffectOutput | null;
  at: number;
};
/** `text`: the exact output for the model. `result`: set for a tool's own result, with its format. */
export type EffectOutput = { text: string; result?: 'text' | 'json' };
export type EffectRow = EffectStart & {
  state: 'open' | 'superseded' | EffectEnd['state'];
  doubted: boolean;
  /** Attempts of this row so far. */
  attempts: number;
  output: EffectOutput | null;
  closedAt: number | null;
};

/** What runs did, for people. Rows are inserted once and never changed. */
export interface RunRecords {
  /** A run that has begun already keeps its first row. */
  begin(run: RunBegin): Promise<void>;
  /** A turn that was recorded already keeps its first row. */
  addTurn(turn: TurnRecord): Promise<void>;
  addCall(call: CallRecord): Promise<void>;
}

// ---- Temporal -----------------------------------------------------------------------------------------------------

/** Temporal, for Activities. */
export interface Runs {
  /** The first run id of a run's chain. Cached, since it never changes. */
  firstRunId(workflowId: string, runId: string): Promise<string>;
  /** How the run was started: by whom, when, and the first words of its input. */
  startOf(workflowId: string, runId: string): Promise<Pick<RunBegin, 'caller' | 'summary' | 'startedAt'>>;
  /** The state of a run that another run continues. Undefined when Temporal has no run of that id. */
  ended(workflowId: string): Promise<EndedRun | undefined>;
  /** Stores the note as heartbeat details. Resolves when the server has it. */
  checkpoint(taskToken: Uint8Array, note: JsonObject): Promise<void>;
}

/** The result comes from Temporal and may be made up. `conversation` is null for a standalone approval. */
export type EndedRun =
  | { state: 'open' }
  | { state: 'not-completed' }
  | { state: 'failed'; firstRunId: string }
  | { state: 'completed'; firstRunId: string; conversation: Omit<ConversationRef, 'surface'> | null };

/** A waiting run, or a closed run that left requests open, from Temporal's visibility, which may lag by seconds. */
export type WaitingRun = {
  workflowId: string;
  /** Temporal's id of this execution. */
  runId: string;
  assistant: string;
  approvalIds: string[];
  waitingSince: number;
  /** In milliseconds since the epoch. Absent for an open run. */
  closedAt?: number;
};

/** Temporal, for the reconcile Activity. */
export interface WaitingRuns {
  /** Open runs that began to wait in the span, oldest first. */
  waiting(span: Span): Promise<WaitingRun[]>;
  /**
   * The open runs of these assistants that have waited longest: those after a position, and since `until` at least.
   * About `limit` of them, oldest first; more if they began to wait in the same millisecond. `last`: there are no more.
   */
  oldest(query: {
    assistants: string[];
    after: WalkPosition | null;
    until: number;
    limit: number;
  }): Promise<{ runs: WaitingRun[]; last: boolean }>;
  /** The open runs that wait for one of these approvals. At most 100 of them. */
  waitingFor(approvalIds: string[]): Promise<WaitingRun[]>;
  /** Runs that closed after this time (milliseconds since the epoch) and left requests open, in the order of closing. */
  closedWaiting(closedAfter: number): Promise<WaitingRun[]>;
  /** Sends the `decided` Signal. Ignores a closed run. */
  signalDecided(workflowId: string, hint: DecisionHint): Promise<void>;
  /** Sends the `asked` Signal. Ignores a closed run. */
  signalAsked(workflowId: string, hint: DecisionHint): Promise<void>;
}

export interface EarlyAnswers {
  /** The decision that an early read found. An answer is given once. Undefined: read it yourself. */
  take(read: Omit<EarlyRead, 'trace'>): Promise<ReviewAnswer | undefined>;
}
