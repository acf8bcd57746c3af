import type { RiskLevel } from './approval.ts';
import type { JsonObject } from '@holdpoint/json';

/** Stands for the assistant's name of an approval without an assistant. No assistant can have this name. */
export const noAssistant = '(none)';

/** Characters of an action: a search attribute holds 255, Cheqpoint accepts 200. */
export const longestAction = 200;
/** Ten years, in milliseconds. */
export const longestExpiryMs = 3_650 * 24 * 60 * 60_000;

/**
 * An approval that a program requests without a run of an assistant. It has the fields that a tool and its review
 * policy would give. The details are the run's input.
 */
export type StandaloneApproval = {
  action: string;
  /** One plain sentence for the reviewer. */
  summary: string;
  justification?: string;
  /** @default 'medium' */
  riskLevel?: RiskLevel;
  /** Time to wait for a decision, in milliseconds. @default no limit */
  expiresInMs?: number;
  /** JSON schema of the details and of edits. @default any JSON object */
  argumentsSchema?: JsonObject;
};

/**
 * The decision on a standalone approval. `details` were approved, including a reviewer's edit: act on these.
 * `modifiedDetails`: the same if a reviewer edited them, else null.
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
