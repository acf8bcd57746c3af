import type { ApiCaller, ApiKey } from '@holdpoint/client';
import type { Json, JsonObject } from '@holdpoint/json';
import type { CallerScopes } from '../domain/caller.ts';
import type { ContextField } from '../domain/context-fields.ts';
import type { DecisionHint } from '../domain/decision.ts';
import type { RunState } from '../domain/run.ts';
import type { RunRecordRows, UsageTotals } from '../domain/run-record.ts';
import type { StandaloneApproval } from '../domain/standalone-approval.ts';
import type { WhenWaiting } from '../domain/user-message.ts';
import type { Run, RunRecord, RunSummary } from '../schemas/rest.ts';

/* Ports of the gateway. Adapters implement them. Tests pass fakes. */

/** The store of runs: Temporal. Each call has a time limit. @throws RunsFailure. */
export type RunsPort = {
  /**
   * Starts a run. `exists`: the same request of the same caller used this id. `taken`: another one did. `too-large`: the input needs a
   * database and there is none.
   */
  create(run: NewRun): Promise<'started' | 'exists' | 'taken' | 'too-large'>;
  /** The run as it is now. Undefined if there is none. */
  get(id: string): Promise<Run | undefined>;
  /** The caller that started the run; null if none is known. Undefined if there is no run. Asks no worker. */
  callerOf(id: string): Promise<string | null | undefined>;
  /** What the run did: its newest turns before turn `before`. Undefined if there is no run. */
  record(id: string, before?: number): Promise<RunRecord | undefined>;
  /** The history of the run's newest Workflow run, as JSON text. Undefined if there is none. */
  history(id: string): Promise<string | undefined>;
  /** How the run was ended in Temporal. Undefined for a run that is open, ended otherwise, or does not exist. */
  stopped(id: string): Promise<Stopped | undefined>;
  /** A page of runs, newest first. May lag by seconds. */
  list(filter: RunFilter): Promise<{ runs: RunSummary[]; nextPageToken: string | null }>;
  /**
   * Yields after changes of the run, at least once. Ends when the run is closed or the signal aborts. Holds one long
   * poll at Temporal.
   */
  changes(id: string, signal: AbortSignal): AsyncIterable<void>;
  /**
   * Asks the run to stop. `closed`: there is no such run. Temporal takes the order for a closed run too, without
   * effect.
   */
  cancel(id: string): Promise<'ordered' | 'closed'>;
  /** Resumes a parked run. `closed`: the run is closed or does not exist. */
  retry(id: string): Promise<'ordered' | 'closed'>;
  /**
   * Sends a message to an open run; durable when `sent`. `exists`: the same message used this id. `taken`: another
   * message did. `too-many`: the run's queue is full. `too-large`: the text needs a database and there is none.
   * `not-found`: there is no run, or it has no conversation.
   */
  send(
    id: string,
    message: NewMessage,
  ): Promise<'sent' | 'exists' | 'taken' | 'too-many' | 'too-large' | 'closed' | 'not-found'>;
  /** Signals that a decision may exist; durable when `delivered`. `closed`: the run is closed or does not exist. */
  signalDecided(id: string, hint: DecisionHint): Promise<'delivered' | 'closed'>;
  /** Signals that a reviewer may have asked a question, or that one was answered. */
  signalAsked(id: string, hint: DecisionHint): Promise<'delivered' | 'closed'>;
  /** Resolves when Temporal answers. */
  health(): Promise<void>;
};

/** Open runs by state. `byReason`: the parked ones by their failure type, where the run noted it. */
export type OpenRunCounts = {
  running: number;
  waiting: number;
  parked: number;
  byReason: Readonly<Record<string, number>>;
};

/** What runs did: Holdpoint's database. */
export type RecordedRuns = {
  /** The newest turns below `before`, and all about their calls. Without turns: all calls. */
  read(firstRunId: string, part: { limit: number; before?: number | undefined }): Promise<RunRecordRows>;
  /** Runs by the time of their start, newest first. */
  find(query: RunSearch): Promise<RunPosition[]>;
  /** Tokens and cost of all turns of a run. */
  usageOf(firstRunId: string): Promise<UsageTotals>;
  /** Tokens and cost by group, the most tokens first, with their total. */
  usage(query: UsageSearch): Promise<UsageGroups>;
};

/** A recorded run. A later run may have the same `runId`. */
export type RecordedRun = RunPosition;

/** Removed rows by table. */
export type RemovedRows = Record<string, number>;

type RemovalPage = { last: RecordedRun | undefined; limit: number };

/** Recorded runs that may be removed, those that started first at first. */
export type RemovableRuns = {
  /** Runs that started before the time, and did nothing since. */
  quietSince(before: number, page: RemovalPage): Promise<RecordedRun[]>;
  /** Runs whose context has the field. */
  about(field: ContextField, page: RemovalPage): Promise<RecordedRun[]>;
  /** The runs whose conversation continues that of the run. */
  continuing(run: RecordedRun): Promise<RecordedRun[]>;
  /** Removes all rows of the runs, in one transaction. */
  remove(firstRunIds: readonly string[]): Promise<RemovedRows>;
};

/** Executions of runs in Temporal. */
export type RunExecutions = {
  isOpen(run: RecordedRun): Promise<boolean>;
  /**
   * Removes the executions of a closed run. `pending`: ordered, and Temporal has not removed them in a few seconds: ask
   * again. `refused`: it is open, or its id has quotes.
   */
  remove(run: RecordedRun): Promise<'removed' | 'pending' | 'refused'>;
};

/** A search for recorded runs. Times are milliseconds since the epoch, `until` not included. */
export type RunSearch = {
  /** All of these fields. */
  context: readonly ContextField[];
  /** In the summary or a field, or at the start of the run id. Letter case does not matter. */
  text?: string | undefined;
  assistant?: string | undefined;
  caller?: string | undefined;
  since?: number | undefined;
  until?: number | undefined;
  /** The last run of the page before. */
  after: Omit<RunPosition, 'runId'> | null;
  limit: number;
};

/** Times are milliseconds since the epoch, `until` not included. */
export type UsageSearch = {
  by: 'run' | 'assistant' | 'caller' | 'model';
  since?: number | undefined;
  until?: number | undefined;
  assistant?: string | undefined;
  caller?: string | undefined;
  limit: number;
};

export type UsageGroups = {
  total: UsageTotals;
  groups: Array<{ name: string | null; usage: UsageTotals }>;
  moreGroups: number;
};

export type RunPosition = { runId: string; firstRunId: string; startedAt: number };

/** A run that was ended from outside. It is shown as failed, and no run continues it. */
export type Stopped = 'terminated' | 'timed out';

export type NewRun = {
  id: string;
  assistant: string;
  /** Name of the caller that starts it. */
  caller: string;
  /** The user's text. For a standalone approval: its summary. */
  input: string;
  context?: Json;
  /** Id of the run whose conversation this run continues. */
  continueFrom?: string;
  maxTurns?: number;
  /** Set for a standalone approval. */
  approval?: StandaloneApproval & { details: JsonObject };
  /** Tells two requests with one id apart. */
  inputDigest: string;
};

/** `digest` tells two messages with one id apart. */
export type NewMessage = { id: string; digest: string; text: string; whenWaiting: WhenWaiting };

export type RunFilter = {
  state?: RunState;
  assistant?: string;
  /** Only runs that this caller started. */
  caller?: string;
  /** Only open runs that wait for a person. */
  waiting?: true;
  /** Only open runs that wait for this approval. */
  approvalId?: string;
  /** Only runs that started at this time or later, and before `until`. */
  since?: Date;
  until?: Date;
  /** Only runs whose context has all these fields. Needs a database. */
  context?: ContextField[];
  /** Only runs with this text in id, summary or context. Needs a database. */
  text?: string;
  limit: number;
  pageToken?: string;
};

/** A caller of the gateway with its permissions. `person`: who uses its token in the inbox. */
export type Caller = { name: string; scopes: CallerScopes; person?: string };

/**
 * Result of changing a caller. `not-active`: the caller or the key was revoked or replaced, or an older key is still
 * accepted.
 */
export type KeyChange<Result> =
  { outcome: 'done'; result: Result } | { outcome: 'not-found' } | { outcome: 'not-active'; why: string };

/** A new API key for the store: its SHA-256 in hex, and the form that may be shown. */
export type HashedKey = { hash: string; masked: string };

/** A stored key. */
export type StoredKey = { caller: ApiCaller; key: ApiKey; replaced: ApiKey | null };

/** The store of callers and their API keys: Holdpoint's database. Times are milliseconds. `by`: who orders the change. */
export type ApiKeys = {
  /** The caller whose key has this SHA-256 and is accepted now. Notes the hour of the use. */
  find(keyHash: string, now: number): Promise<(Caller & { expiresAt: number | null }) | undefined>;
  /** All callers, newest first, with the removed ones. */
  list(now: number): Promise<ApiCaller[]>;
  get(name: string, now: number): Promise<ApiCaller | undefined>;
  /** Creates a caller with its first key. `exists`: a caller has or had this name. */
  create(
    caller: Caller & { key: HashedKey; by: string; at: number },
  ): Promise<{ outcome: 'done'; result: StoredKey } | { outcome: 'exists' }>;
  /** Replaces the active key, which has the id `replaces` if that is given. The old key is accepted for `overlapMs`. */
  rotate(order: {
    name: string;
    key: HashedKey;
    replaces?: string | undefined;
    overlapMs: number;
    by: string;
    at: number;
  }): Promise<KeyChange<StoredKey>>;
  setScopes(order: Caller & { at: number }): Promise<KeyChange<ApiCaller>>;
  /** Ends one key, or without `key` all keys of the caller, which is then removed. */
  revoke(order: { name: string; key?: string | undefined; by: string; at: number }): Promise<KeyChange<ApiCaller>>;
};

/** The content of a verified callback token. */
export type CallbackAddress = { workflowId: string; callKey: string; request: number };

export type CallbackTokens = {
  /** The content of the token. Undefined if none of our secrets signed it. */
  verify(token: string): CallbackAddress | undefined;
};

/** Opens and records OpenAI's webhooks. */
export type OpenAIWebhooks = {
  /**
   * Checks the signature over the exact body. `refused`: why it does not hold. `responseId` is null for other events.
   */
  open(
    body: Uint8Array,
    headers: Headers,
  ): Promise<{ webhookId: string; type: string; responseId: string | null } | { refused: string }>;
  /** Records durably that a response has ended. `known`: this delivery was recorded earlier. */
  record(delivery: { webhookId: string; responseId: string; at: number }): Promise<'recorded' | 'known'>;
};

/** One line per event, with names and numbers only: no keys, tokens, inputs or outputs. */
export type GatewayLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
