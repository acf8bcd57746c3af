import type { JsonObject } from '@holdpoint/json';

/** What people are asked. */
export type ApprovalQuestion = {
  /** What is to be done, as rules and reviewers know it, e.g. `send_email_blast`. */
  action: string;
  /** One plain sentence for the reviewer. */
  summary: string;
  /** The action's arguments: a JSON object. */
  details: object;
  /** Why it should be done. */
  justification?: string | undefined;
  /** `low`, `medium`, `high`, `critical`, or a word of your workspace; goes as it is. */
  riskLevel?: 'low' | 'medium' | 'high' | 'critical' | (string & {}) | undefined;
};

export type SyncRequest = ApprovalQuestion & {
  /** How long to wait in all, in milliseconds. Default 30,000. */
  timeoutMs?: number | undefined;
};

export type AsyncRequest = ApprovalQuestion & {
  /** Where the decision is POSTed. A decision in the answer may never be followed by one: look at `status` first. */
  callbackUrl?: string | undefined;
};

export type CheckpointRequest = ApprovalQuestion & {
  /** 0 to 1, where a level would be too coarse. */
  riskScore?: number | undefined;
  /** Where the decision is POSTed as well. */
  webhookUrl?: string | undefined;
  /** How long to wait, in milliseconds. Default: the client's. */
  timeoutMs?: number | undefined;
};

/** What `requestSync` and `requestAsync` give. Only `status === 'approved'` allows the action. */
export type RequestResult = {
  status: 'approved' | 'rejected' | 'pending';
  /** Null only for a decision at once that came without one. */
  approvalId: string | null;
  /** The reviewer's edit of an approved request; null when nothing was edited. Some services give the changed keys only. */
  modifiedDetails: JsonObject | null;
  decisionNote: string | null;
};

/** An approval. */
export type CheckpointResult = {
  id: string;
  status: 'APPROVED';
  /** What was asked, as the reviewer saw it. */
  details: JsonObject;
  /** The reviewer's edit as it came; null when nothing was edited. */
  modifiedDetails: JsonObject | null;
  responseNotes: string | null;
  /** What may be done: the edit if there is one (see the client's `edits`), else `details`. */
  effectiveDetails: JsonObject;
};

/** A request as it stands. */
export type RequestStatus = {
  id: string;
  /** `UNKNOWN` when the service's word is not Cheqpoint's, or the edit can't be read: not approved. */
  status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'UNKNOWN';
  details: JsonObject | null;
  modifiedDetails: JsonObject | null;
  decisionNote: string | null;
  /** The same text: Cheqpoint has two names for it. */
  responseNotes: string | null;
  /** ISO 8601. */
  decidedAt: string | null;
  decisionReasonCode: string | null;
  autoDecided: boolean;
  autoDecisionRuleName: string | null;
  /** True on a rejection that came for want of a decision: the same may be asked again. */
  retryable: boolean;
  /** Where a person decides, while it is open and if the service says so. */
  reviewUrl: string | null;
};
