/**
 * The result of an Approval. `by`: a person, a rule (at once, without a person), or the system (a limit, an expiry, a
 * withdrawal). A decision by rule or system is never shown as a person's.
 */
export type Decision =
  | { outcome: 'approved'; by: 'person' | 'rule'; decidedAt: string | null; edited: boolean; votes?: Vote[] }
  | { outcome: 'rejected'; by: 'person' | 'rule' | 'system'; decidedAt: string | null; votes?: Vote[] }
  | { outcome: 'expired'; by: 'system'; decidedAt: string | null }
  | { outcome: 'withdrawn'; by: 'system'; decidedAt: string | null; superseded: boolean };

/** One reviewer's vote, where several decide. */
export type Vote = { reviewer: string; approve: boolean; at: string };

/**
 * The argument of the Signal `decided`: a hint that a call may be decided, never the decision. A forged hint costs at most a
 * few reads.
 */
export type DecisionHint = {
  callKey?: string;
  request?: number;
  approvalId?: string;
  /** W3C traceparent of the request that brought the hint. */
  traceparent?: string;
};
