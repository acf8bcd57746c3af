import type { Call, OpenApproval } from './call.ts';
import type { Json, JsonObject } from './json.ts';

/* Approvals as the gateway takes and gives them. Times are ISO 8601 in UTC. */

/** The body of `POST /v1/approvals`: a standalone approval, for a program with its own agent loop. */
export type AskApproval = {
  /** Name of the action, 1 to 200 characters. Review rules match on it. */
  action: string;
  /** One plain sentence for the reviewer, at most 2,000 characters. */
  summary: string;
  /** The exact action. The reviewer sees it, may edit it, and approves it. The key `holdpoint` is reserved. */
  details: JsonObject;
  /** Reason for the action, at most 20,000 characters. */
  justification?: string | undefined;
  /** @default 'medium' */
  riskLevel?: 'low' | 'medium' | 'high' | 'critical' | undefined;
  /**
   * Longest wait for a decision: text such as `3 days`, or milliseconds. At most ten years.
   * @default no limit
   */
  expiresIn?: string | number | undefined;
  /**
   * JSON schema (draft 2020-12) that `details` and every edit must match. At most 64 KB.
   * @default any JSON object
   */
  argumentsSchema?: JsonObject | undefined;
  /**
   * Assistant of the config whose Connection Key is used.
   * @default the key in `CHEQPOINT_CONNECTION_KEY`
   */
  assistant?: string | undefined;
  /** Any JSON value, at most 64 KB. Shown to the reviewer beside the details. */
  context?: unknown;
  /**
   * Id of the approval: 1 to 128 letters, digits, dots, underscores or hyphens. Sending the same request again finds
   * the approval.
   */
  id?: string | undefined;
  /** Makes the request repeatable without choosing an id. At most 255 characters. Give `id` or this. */
  idempotencyKey?: string | undefined;
};

/** The body of `POST /v1/approvals/{id}/answers`. */
export type AnswerApproval = {
  /** Id of the question. */
  question: string;
  /** 1 to 8,000 characters. The reviewer sees them as they are, without markup. */
  answer: string;
};

/**
 * Decision on a standalone approval. Act only on `approved`, and on its `details`: these include the reviewer's edit.
 * `modifiedDetails` holds the same details if a reviewer edited them, else null.
 */
export type ApprovalDecision =
  | {
      outcome: 'approved';
      by: 'person' | 'rule';
      decidedAt: string | null;
      details: JsonObject;
      modifiedDetails: JsonObject | null;
      note: string | null;
    }
  | { outcome: 'rejected'; by: 'person' | 'rule' | 'system'; decidedAt: string | null; note: string | null }
  | { outcome: 'expired'; decidedAt: string | null }
  | { outcome: 'withdrawn'; decidedAt: string | null };

/**
 * An approval that an open run waits for. Its content is that of the review service. `state`, `runId` and `possiblyTwo`
 * are the run's.
 */
export type Approval = Omit<OpenApproval, 'id'> & {
  /** Id at the review service. */
  id: string;
  /** `waiting`: a person has yet to decide. `settling`: the run acts on a decision. */
  state: Call['state'];
  runId: string;
  assistant: string;
  callKey: string;
  tool: string;
  arguments: Json;
  /** Null where the review service does not show it: hosted Cheqpoint. */
  summary: string | null;
  /** `low`, `medium`, `high` or `critical`. */
  riskLevel: string;
  /** Why a person is asked, in the words of the program that asks. */
  riskReason: string | null;
  justification: string | null;
  /** Extra information from the tool's policy. It is never executed. */
  context: Json;
  /** Digest of what reviewers see, for a decision at the review server. Null at hosted Cheqpoint. */
  shown: string | null;
};

/** The answer of `GET /v1/approvals`: the approvals of a page of waiting runs, longest wait first. */
export type ApprovalList = {
  approvals: Approval[];
  /** Waiting runs whose approvals are not shown, and why: no worker answered, or the review service did not. */
  unread: Array<{ runId: string; assistant: string; reason: string }>;
  /** Null on the last page. */
  nextPageToken: string | null;
  /** A sentence about how current the list is. */
  note: string;
};
