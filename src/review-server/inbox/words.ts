import type { ReviewerApproval } from '../../schemas/reviewer-api.ts';

/** A time as people read it, in UTC. */
export function readableTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** How much time is left, in its largest fitting unit. */
export function timeLeft(expiresAt: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((Date.parse(expiresAt) - now.getTime()) / 60_000));
  if (minutes < 1) return 'less than a minute left';
  if (minutes < 120) return `${minutes} minutes left`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours left` : `${Math.floor(minutes / 1440)} days left`;
}

/** Who decided, how and when, in a sentence's words. */
export function decisionText(approval: Pick<ReviewerApproval, 'decidedAt' | 'decidedBy' | 'decisionReasonCode' | 'autoDecisionRuleName' | 'edited'>): string {
  const at = approval.decidedAt === null ? '' : ` at ${readableTime(approval.decidedAt)}`;
  const edited = approval.edited ? ' with edits' : '';
  if (approval.decisionReasonCode === null) return 'not decided';
  const by = {
    person: `by ${approval.decidedBy}`,
    expired: 'because nobody decided in time',
    withdrawn: 'because the asker withdrew it',
    superseded: 'because a newer request replaced it',
    limit: "by the assistant's limit",
    loop: 'by loop protection',
    paused: 'because the assistant is paused',
    rule: `by the rule "${approval.autoDecisionRuleName}"`,
  };
  return `${by[approval.decisionReasonCode]}${edited}${at}`;
}
