import type { RiskLevel } from './approval.ts';
import type { JsonObject } from '@holdpoint/json';

/** In place of an assistant's name, for an approval that names none. No assistant can be called so. */
export const noAssistant = '(none)';

/** Characters of an action: search attributes take 255, Cheqpoint 200. */
export const longestAction = 200;
/** Ten years, in milliseconds. */
export const longestExpiryMs = 3_650 * 24 * 60 * 60_000;

/**
 * What a program with a loop of its own wants decided: all that a tool and its review policy would say. The details are
 * the run's input.
 */
export type StandaloneApproval = {
  action: string;
  /** One plain sentence for the reviewer. */
  summary: string;
  justification?: string;
  /** Default: `medium`. */
  riskLevel?: RiskLevel;
  /** How long to wait for a decision, in milliseconds. Default: without end. */
  expiresInMs?: number;
  /** JSON schema of the details, which edits must fit. Default: any JSON object. */
  argumentsSchema?: JsonObject;
};

/**
 * What a program that asked for an approval gets. `details` are what was approved, a reviewer's edit included: act on
 * these. `modifiedDetails`: the same, if a reviewer edited them.
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
