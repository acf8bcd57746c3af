import type { ReviewAnswer, ReviewRequest } from '@holdpoint/cheqpoint';
import type { RequestKind } from '../domain/approval.ts';
import type { CallKey } from '../domain/call-key.ts';
import type { ConversationRef } from '../domain/conversation.ts';
import type { DecisionHint } from '../domain/decision.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import type { Span } from '../domain/reconcile.ts';
import type { Assistant } from '../assistant/assistant.ts';

/* What the Activities need from the world. Adapters implement these; tests pass fakes. */

// ---- the model ----------------------------------------------------------------------------------------------------

/** One API that a model is reached by: Responses, Assistants. The Run does not know which. */
export interface ModelSurface {
  /**
   * One round trip: sends the input, waits until the model answers or asks for tools.
   * @throws ModelFailure, classified; anything else counts as retryable.
   */
  takeTurn(request: TurnRequest): Promise<TurnReply>;
}

export type TurnRequest = {
  assistant: Assistant;
  /** Workflow id and first run id: metadata of the OpenAI object, so that a duplicate can be traced. */
  runId: string;
  firstRunId: string;
  /** As given when the run was started; null if none was. Never sent to the model. */
  context: Json;
  turn: number;
  /** Which attempt at this turn it is, from 1. Default 1. */
  attempt?: number;
  /** Where the conversation stands; null at the start of one. */
  conversation: ConversationRef | null;
  /** The outputs of the last turn's calls, all of them, and what the user said since; at least one of either. */
  input: { outputs: Array<{ callId: string; output: string }>; messages: string[] };
  /** Aborts when the Activity is cancelled. */
  signal: AbortSignal;
  /** Called with every piece of text or arguments as it streams in. */
  onDelta: (characters: number) => void;
  /** What an earlier attempt of this turn left by `checkpoint`; null if nothing. */
  resumeFrom: JsonObject | null;
  /** Makes a note durable before going on (a background response's id); resolves when the server has it. */
  checkpoint: (note: JsonObject) => Promise<void>;
};

export type TurnReply = {
  conversation: ConversationRef;
  outcome:
    | { type: 'answer'; text: string; refused?: true }
    | { type: 'calls'; calls: RequestedCall[]; /** What the model said beside its calls. */ words: string | null };
};

/**
 * A tool call as the model wrote it. `arguments` is the JSON text, which may be anything. `answer`: the surface knows
 * the output already (the model repeats a call whose outcome was carried over), so nobody is asked and nothing runs.
 */
export type RequestedCall = { callId: string; name: string; arguments: string; answer?: string };

// ---- Holdpoint's database -----------------------------------------------------------------------------------------

/** Values too large for the history, by digest (SHA-256 hex of their JSON text). Immutable. */
export interface StoredValues {
  put(json: string): Promise<{ digest: string; bytes: number }>;
  /** The JSON text; undefined when it is not there. */
  get(digest: string): Promise<string | undefined>;
}

/** Transcript entries: one per turn taken, immutable, chained by `parent`. A surface writes its own items. */
export interface Transcripts {
  append(entry: TranscriptEntry): Promise<{ entry: string; digest: string; bytes: number }>;
  /** The entry and all before it, oldest first; undefined when any of them is missing. */
  read(entry: string): Promise<TranscriptEntry[] | undefined>;
  /** The entries of the newest turn that a run kept; more than one where an attempt's reply was lost. */
  newestOf(runId: string, firstRunId: string): Promise<TranscriptEntry[]>;
  /** One entry alone. */
  get(entry: string): Promise<TranscriptEntry | undefined>;
}

export type TranscriptEntry = {
  id: string;
  parent: string | null;
  runId: string;
  firstRunId: string;
  turn: number;
  /** Whose conversation it is, by the assistant's name. */
  assistant: string;
  surface: 'responses' | 'assistants';
  /** What the surface needs to go on from here: `ConversationRef.surface`. */
  state: JsonObject;
  /** What was sent and what came back, as the surface needs them to say it all again. */
  sent: Json[];
  received: Json[];
  /** What the model said beside its calls, for the reviewer. */
  words: string | null;
};

/** Requests made for a call, so that no later attempt, reset or forged input can overlook one. */
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
  /** The POST certainly did not arrive: forgets the row. */
  abandon(callKey: CallKey, number: number): Promise<void>;
}

/** `request` is kept whole: a repeat under its idempotency key must say the same, word for word. */
export type NewRequestRow = {
  callKey: CallKey;
  number: number;
  kind: RequestKind;
  request: ReviewRequest;
  openedAt: number;
};
export type RequestRow = NewRequestRow & {
  /** Whether a reply came; a row without one is doubtful. */
  answered: boolean;
  id: string | null;
  reviewUrl: string | null;
  /** The decision that came in the reply to the POST, if one did. */
  atOnce: ReviewAnswer | null;
};

/** One row per start of an effect, unique on call key and start number, committed before the tool starts. */
export interface EffectLedger {
  /** The row with the highest start number; undefined when no effect was ever started. */
  newest(callKey: CallKey): Promise<EffectRow | undefined>;
  /** Inserts an open row. `exists` when another attempt was first: nothing is written. */
  start(row: EffectStart): Promise<'started' | 'exists'>;
  /** Inserts a row that has ended as `superseded`: the call never acts. `exists` when an attempt was first: nothing is written. */
  refuse(refusal: EffectRefusal, output: EffectOutput): Promise<'refused' | 'exists'>;
  /** Makes an open row this attempt's, counting one more attempt; false when it is no longer `from`'s or not open. */
  takeOver(callKey: CallKey, start: number, from: string, attempt: EffectAttempt): Promise<boolean>;
  /** Closes a row. A row closed before keeps its first end; answers with the row as it then is. */
  close(callKey: CallKey, start: number, end: EffectEnd): Promise<EffectRow>;
  /** Removes an open, not doubted row of this attempt: its tool was never called. False when it could not. */
  release(callKey: CallKey, start: number, attemptId: string): Promise<boolean>;
  /** Closes an open, not doubted row of this attempt: its tool was called and did nothing. False when it could not. */
  notHappened(callKey: CallKey, start: number, attemptId: string, at: number): Promise<boolean>;
  /** Marks an open row as one whose end nobody saw. */
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
  /** The highest number of a request made for this call before: a later one asks about this very start. */
  requestsBefore: number;
  /** The request whose approval it acts on; null for a call that needs none. */
  request: { number: number; id: string | null } | null;
};
export type EffectRefusal = Pick<EffectStart, 'callKey' | 'start' | 'runId' | 'tool' | keyof EffectAttempt>;
export type EffectEnd = {
  state: 'done' | 'failed' | 'confirmed' | 'given-up' | 'not-happened';
  output: EffectOutput | null;
  at: number;
};
/** `text`: the exact output for the model. `result`: whether it is a tool's own result, and how to read it. */
export type EffectOutput = { text: string; result?: 'text' | 'json' };
export type EffectRow = EffectStart & {
  state: 'open' | 'superseded' | EffectEnd['state'];
  doubted: boolean;
  /** Attempts that ran the tool for this row, this one included. */
  attempts: number;
  output: EffectOutput | null;
  closedAt: number | null;
};

// ---- Temporal -----------------------------------------------------------------------------------------------------

/** What Activities ask Temporal. */
export interface Runs {
  /** The first run id of the chain that a run belongs to. Cached: it never changes. */
  firstRunId(workflowId: string, runId: string): Promise<string>;
  /** How a run stands that another is to go on from; undefined when Temporal knows no run of that id. */
  ended(workflowId: string): Promise<EndedRun | undefined>;
  /** Durable at once: the server has the note when this resolves. */
  checkpoint(taskToken: Uint8Array, note: JsonObject): Promise<void>;
}

/** Its result is only what stands in Temporal: it may be anybody's. `conversation` is null where it has none. */
export type EndedRun =
  | { state: 'open' }
  | { state: 'not-completed' }
  | { state: 'failed'; firstRunId: string }
  | { state: 'completed'; firstRunId: string; conversation: Omit<ConversationRef, 'surface'> | null };

/** A run that waits, or waited when it was closed, as Temporal's visibility knows it: may lag by seconds. */
export type WaitingRun = { workflowId: string; assistant: string; approvalIds: string[]; waitingSince: number };

/** What the reconcile Activity asks Temporal. */
export interface WaitingRuns {
  /** Open runs whose oldest open request was made in the span, oldest first. */
  waiting(span: Span): Promise<WaitingRun[]>;
  /** Runs closed after this time (milliseconds since the epoch) that left requests open. */
  closedWaiting(closedAfter: number): Promise<WaitingRun[]>;
  /** Tells a run that there may be a decision; a closed run is no error. */
  signalDecided(workflowId: string, hint: DecisionHint): Promise<void>;
}
