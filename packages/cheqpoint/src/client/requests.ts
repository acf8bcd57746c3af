import type { JsonObject } from '@holdpoint/json';

/** A question for a reviewer. */
export type ApprovalQuestion = {
  /** Name of the action. Rules and reviewers know it by this name, e.g. `send_email_blast`. */
  action: string;
  /** One plain sentence for the reviewer. */
  summary: string;
  /** Arguments of the action: an object that JSON can carry. */
  details: object;
  /** Why the action is needed. */
  justification?: string | undefined;
  /** `low`, `medium`, `high`, `critical`, or a word of your workspace. Sent unchanged. */
  riskLevel?: 'low' | 'medium' | 'high' | 'critical' | (string & {}) | undefined;
};

/** Input of `requestSync`. */
export type SyncRequest = ApprovalQuestion & {
  /**
   * How long to wait, in milliseconds.
   *
   * @default 30_000
   */
  timeoutMs?: number | undefined;
};

/** Input of `requestAsync`. */
export type AsyncRequest = ApprovalQuestion & {
  /**
   * The decision is POSTed to this address. A request that was decided at once may get no callback: check `status` in
   * the answer first.
   */
  callbackUrl?: string | undefined;
};

/** Input of `checkpoint`. */
export type CheckpointRequest = ApprovalQuestion & {
  /** Risk from 0 to 1, for rules that need more than a level. */
  riskScore?: number | undefined;
  /** The decision is also POSTed to this address. */
  webhookUrl?: string | undefined;
  /**
   * How long to wait, in milliseconds.
   *
   * @default the client's `timeoutMs`
   */
  timeoutMs?: number | undefined;
};

/** Result of `requestSync` and `requestAsync`. Only `status === 'approved'` allows the action. */
export type RequestResult = {
  status: 'approved' | 'rejected' | 'pending';
  /** Null only if the request was decided at once and the service gave no id. */
  approvalId: string | null;
  /** The reviewer's edit of an approved request, or null. Some services return the changed keys only. */
  modifiedDetails: JsonObject | null;
  /** The reviewer's note, or null. */
  decisionNote: string | null;
};

/** Result of `checkpoint`: an approval. */
export type CheckpointResult = {
  id: string;
  status: 'APPROVED';
  /** The details as the reviewer saw them, without the edit. */
  details: JsonObject;
  /** The reviewer's edit as received, or null. */
  modifiedDetails: JsonObject | null;
  /** The reviewer's note, or null. */
  responseNotes: string | null;
  /** The approved arguments: the edit if there is one (see the client's `edits`), else `details`. Act on these. */
  effectiveDetails: JsonObject;
};

/** Result of `getRequest`. */
export type RequestStatus = {
  id: string;
  /** `UNKNOWN` if the service's status word or the edit can't be read. Never act on it. */
  status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'UNKNOWN';
  details: JsonObject | null;
  /** The reviewer's edit as received, or null. */
  modifiedDetails: JsonObject | null;
  /** The reviewer's note, or null. */
  decisionNote: string | null;
  /** Equal to `decisionNote`: Cheqpoint has two names for it. */
  responseNotes: string | null;
  /** ISO 8601, or null while open. */
  decidedAt: string | null;
  /** Why the system decided, e.g. `rule` or `expired`. Null if the service does not say. */
  decisionReasonCode: string | null;
  /** True if a rule or a limit decided, not a person. */
  autoDecided: boolean;
  autoDecisionRuleName: string | null;
  /** True if the system rejected the request because it was not decided in time. You may ask again. */
  retryable: boolean;
  /** Link for the reviewer while the request is open, or null. */
  reviewUrl: string | null;
};
