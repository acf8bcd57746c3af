/**
 * What came of an Approval. `by` says whether a person decided, a rule did (at once, before anybody saw it), or the
 * system (a limit, an expiry, a withdrawal): the last two are never shown as a person's.
 */
export type Decision =
  | { outcome: 'approved'; by: 'person' | 'rule'; decidedAt: string | null; edited: boolean; votes?: Vote[] }
  | { outcome: 'rejected'; by: 'person' | 'rule' | 'system'; decidedAt: string | null; votes?: Vote[] }
  | { outcome: 'expired'; by: 'system'; decidedAt: string | null }
  | { outcome: 'withdrawn'; by: 'system'; decidedAt: string | null; superseded: boolean };

/** One reviewer's voice, where more than one is asked. */
export type Vote = { reviewer: string; approve: boolean; at: string };

/**
 * What the Signal `decided` brings: news that there may be something to read, never the decision itself. All fields
 * are hints; a forged one costs at most a few reads.
 */
export type DecisionHint = { callKey?: string; request?: number; approvalId?: string };
