import type { ApprovalDecision } from './approval.ts';
import type { Call } from './call.ts';
import type { Json } from './json.ts';
import type { RunRecord } from './run-record.ts';

/* Runs as the gateway takes and gives them. Times are ISO 8601 in UTC. The gateway's schemas are compared with these types. */

/** The body of `POST /v1/runs`. Give `assistant`, `continueFrom` or both. */
export type CreateRun = {
  /**
   * Name of an assistant in the config.
   * @default the assistant of the run in `continueFrom`
   */
  assistant?: string | undefined;
  /** The user's text. */
  input: string;
  /** Any JSON value, at most 64 KB. Reaches tools, review policies and reviewers, never the model. */
  context?: unknown;
  /** Id of a completed or failed run whose conversation this run continues. Its `context` is not carried over. */
  continueFrom?: string | undefined;
  /**
   * Turns before the run fails with `MaxTurnsExceeded`, 1 to 10,000.
   * @default the assistant's `maxTurns`, else 50
   */
  maxTurns?: number | undefined;
  /**
   * Id of the run: 1 to 128 letters, digits, dots, underscores or hyphens. Sending the same request again finds the
   * run.
   */
  id?: string | undefined;
  /** Makes the request repeatable without choosing an id. At most 255 characters. Give `id` or this. */
  idempotencyKey?: string | undefined;
};

/** State of a run. `running`, `waiting` and `parked` runs are open. */
export type RunState = 'running' | 'waiting' | 'parked' | 'completed' | 'failed' | 'cancelled';

/** A run in a list. */
export type RunSummary = {
  id: string;
  /** `approval`: a standalone approval, without a model. */
  kind: 'assistant' | 'approval';
  state: RunState;
  /** Empty for a Workflow that no gateway started. `(none)` for a standalone approval without an assistant. */
  assistant: string;
  /** Caller whose API key started the run. Null for a run of an earlier version, or that no gateway started. */
  caller: string | null;
  /** First words of the input, or of the approval's summary. */
  summary: string;
  startedAt: string;
  closedAt: string | null;
};

/** A run with all that is known of it. */
export type Run = RunSummary & {
  /** Progress of an open run. Null when the run is closed or no worker answered. */
  detail: {
    state: 'running' | 'waiting' | 'parked';
    turn: number;
    /** Tool calls of the open turn. */
    calls: Call[];
    parked: ParkedReason[];
    /** Messages that the model has yet to get. */
    queuedMessages: number;
  } | null;
  /** Activities of an open run that failed and are tried again. */
  retrying: RetryingActivity[];
  /** Why `detail` is null, in a sentence. */
  detailMissing: string | null;
  /** The final answer. Null for an open, failed or cancelled run, and for a standalone approval. */
  output: Json;
  /** Decision of a standalone approval. Null while it is open, and for a run of an assistant. */
  decision: ApprovalDecision | null;
  /** True if the model declined to answer. `output` holds its words. */
  refused: boolean;
  turns: number | null;
  toolCalls: number | null;
  /** Why the run failed. `type` is a type of docs/errors.md or of Temporal. */
  failure: { type: string; message: string } | null;
  /** What the run did. Given by `runs.get` only. */
  record?: RunRecord | undefined;
};

/** An attempt failed, and Temporal tries again. */
export type RetryingActivity = {
  /** `settleToolCall` runs tools, `takeTurn` asks the model, `requestApproval` asks for a decision. */
  activity: string;
  /** Null for a turn. */
  callKey: string | null;
  /** The number of the present or next attempt. */
  attempt: number;
  lastError: string;
  /** Function, file and line where your tool threw. Null when it is not known. */
  at: string | null;
  /** Null while the attempt runs. */
  nextTryAt: string | null;
};

/** Why a run is parked. Fix the cause, then call `runs.retry`. */
export type ParkedReason = {
  type: ParkedType;
  message: string;
  since: string;
  /** Key of the parked call. Null when the turn itself is parked. */
  callKey: string | null;
};

/** Failure types. docs/errors.md has the cause and the remedy of each. */
export type ParkedType =
  | 'ModelUnavailable'
  | 'ModelRateLimited'
  | 'ModelKeepsFailing'
  | 'QuotaExhausted'
  | 'ModelAccessDenied'
  | 'ModelRetired'
  | 'ModelBlocked'
  | 'ModelRequestRefused'
  | 'ModelContextExceeded'
  | 'ModelResponseFailed'
  | 'ModelIncomplete'
  | 'ConversationLost'
  | 'CannotContinue'
  | 'MaxTurnsExceeded'
  | 'UnknownAssistant'
  | 'AssistantNotHere'
  | 'NoSuchAssistant'
  | 'InvalidRunInput'
  | 'ForeignCall'
  | 'ReviewUnavailable'
  | 'ReviewAccessDenied'
  | 'ReviewRequestRefused'
  | 'ReviewRequestGone'
  | 'ReviewUnreadable'
  | 'ReviewRejectedBySystem'
  | 'ReviewDoubtful'
  | 'AssistantPaused'
  | 'ApprovalExpired'
  | 'ToolAttemptFailed'
  | 'ToolKeepsFailing'
  | 'AttemptTooOld';

/** The query of `GET /v1/runs`. */
export type ListRuns = {
  state?: RunState | undefined;
  assistant?: string | undefined;
  /** Only runs that this caller started. */
  caller?: string | undefined;
  /** Only runs that started at this time or later. ISO 8601 with an offset. */
  since?: string | undefined;
  /** Only runs that started before this time. */
  until?: string | undefined;
  /** Only runs whose `context` has all these fields. Each is a path and its value, such as `customer.id=17`. */
  context?: string | string[] | undefined;
  /** Only runs with this text in id, input or context. Letter case does not matter. */
  text?: string | undefined;
  /**
   * Runs per page, 1 to 200.
   * @default 50
   */
  limit?: number | undefined;
  /** `nextPageToken` of the previous page. */
  pageToken?: string | undefined;
};

/** The answer of `GET /v1/runs`, newest first. */
export type RunList = {
  runs: RunSummary[];
  /** Null on the last page. */
  nextPageToken: string | null;
  /** A sentence about how current the list is. */
  note: string;
};

/** Options of `runs.send`. */
export type MessageOptions = {
  /**
   * `queue`: open approvals stay open, and the model gets the message with the next turn. `supersede`: open approvals
   * are withdrawn, and the model gets the message at once.
   * @default 'queue'
   */
  whenWaiting?: 'queue' | 'supersede' | undefined;
  /**
   * Sending the same message again under this key has no effect. A run remembers its last 500 messages. At most 255
   * characters.
   */
  idempotencyKey?: string | undefined;
};
