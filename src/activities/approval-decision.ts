import type { ApprovalDecision } from '../domain/standalone-approval.ts';
import type { Decision } from '../domain/decision.ts';
import { sameJson } from '@holdpoint/json/canonical';
import type { Verdict } from './read-decision.ts';
import type { ActedOn } from './tool-output.ts';

/** What the requester is told of an approval; `details` are what was approved, an edit included. */
export function approvedFor(
  { note, decision }: Extract<Verdict, { type: 'approved' }>,
  { args: details, asked }: Pick<ActedOn, 'args' | 'asked'>,
): ApprovalDecision {
  const { decidedAt } = decision;
  const by = decision.outcome === 'approved' ? decision.by : 'person';
  return {
    outcome: 'approved',
    by,
    decidedAt,
    details,
    modifiedDetails: sameJson(details, asked) ? null : details,
    note,
  };
}

/** What the requester is told when it may not act. */
export function refusedFor(
  decision: Exclude<Decision, { outcome: 'approved' }>,
  note: string | null,
): ApprovalDecision {
  const { decidedAt } = decision;
  return decision.outcome === 'rejected'
    ? { outcome: 'rejected', by: decision.by, decidedAt, note }
    : { outcome: decision.outcome, decidedAt };
}
