import type { RiskLevel } from '@holdpoint/cheqpoint';
import type { JsonObject } from '@holdpoint/json';

/** `call`: may this tool call act? `outcome`: did an action with an unknown outcome happen? */
export type RequestKind = 'call' | 'outcome';

/** One numbered request of an Approval at Cheqpoint, as the Workflow remembers it. */
export type ApprovalRequest = {
  number: number;
  kind: RequestKind;
  /** Cheqpoint's id. Absent when a decision came at once without one. */
  id?: string;
  reviewUrl?: string;
  /** Who may decide, in words. Only where the service says. */
  deciders?: string;
  /** The reply to an earlier POST was lost, so Cheqpoint may show the same request twice. One acts. */
  possiblyTwo?: true;
};

/**
 * The part of a reviewer's approval that was not taken, for the next request. `edit`: the edited arguments, unless the
 * next request asks for these.
 */
export type ApprovalDraft = { edit: JsonObject | null; note: string | null };

/** Cheqpoint's risk levels, in rising order. */
export const riskLevels = ['low', 'medium', 'high', 'critical'] as const satisfies readonly RiskLevel[];
export type { RiskLevel };

/** True if `risk` is above `shown`. */
export function isRiskier(risk: RiskLevel, shown: RiskLevel): boolean {
  return riskLevels.indexOf(risk) > riskLevels.indexOf(shown);
}
