import type { Json } from './json.ts';

/** A tool call of a run's open turn. */
export type Call = {
  key: string;
  callId: string;
  tool: string;
  /** Arguments of the newest request, else those from the model. Null when the gateway could not read them. */
  arguments: Json;
  state: 'requesting' | 'waiting' | 'settling' | 'parked' | 'done';
  approval: OpenApproval | null;
  decision: CallDecision | null;
  settledAs: SettledAs | null;
  /** Questions of reviewers on the newest request, as the run knows them. Absent without a question. */
  questionCounts?: { asked: number; open: number } | undefined;
  /** Set while the tool waits because its assistant is paused at the review server. */
  paused?: { by: string; at: string; reason: string | null } | undefined;
  /**
   * Why the review service's record of the request could not be read. The call is then shown as the run remembers it,
   * without a link.
   */
  unverified?: string | undefined;
};

/** The newest request of a call's approval. */
export type OpenApproval = {
  /** Number of the request, from 1. */
  request: number;
  kind: ApprovalRequestKind;
  /** Id at the review service. Null until the request is made. */
  id: string | null;
  /** Page where a person decides. Null where the gateway could not read the request at the review service. */
  reviewUrl: string | null;
  waitingSince: string | null;
  deadlineAt: string | null;
  /** True if the reply to an earlier request was lost, so reviewers may see the question twice. One decision acts. */
  possiblyTwo: boolean;
  /** Questions of reviewers, oldest first. Absent without a question, and at hosted Cheqpoint. */
  questions?: Question[] | undefined;
};

/** A reviewer's question on an open request. It changes nothing about the request. */
export type Question = {
  id: string;
  text: string;
  /** Name of the reviewer. */
  askedBy: string;
  askedAt: string;
  /** Null without an answer. */
  answer: string | null;
  /** Why it was not answered. Null while it waits, and with an answer. */
  problem: string | null;
  answeredAt: string | null;
};

/**
 * Decision on a tool call. `by` tells a person's decision from one by a rule (made before any person saw the request)
 * or by the system (a limit, an expiry, a withdrawal).
 */
export type CallDecision =
  | { outcome: 'approved'; by: 'person' | 'rule'; decidedAt: string | null; edited: boolean; votes?: Vote[] }
  | { outcome: 'rejected'; by: 'person' | 'rule' | 'system'; decidedAt: string | null; votes?: Vote[] }
  | { outcome: 'expired'; by: 'system'; decidedAt: string | null }
  | { outcome: 'withdrawn'; by: 'system'; decidedAt: string | null; superseded: boolean };
type Vote = { reviewer: string; approve: boolean; at: string };

/** How a call ended. */
export type SettledAs =
  | 'ran'
  | 'approved'
  | 'answered'
  | 'rejected'
  | 'expired'
  | 'withdrawn'
  | 'superseded'
  | 'repeated'
  | 'failed'
  | 'confirmed'
  | 'given-up'
  | 'unknown-tool'
  | 'bad-arguments';

/** `call`: may this call act? `outcome`: did an action with an unknown outcome happen? */
export type ApprovalRequestKind = 'call' | 'outcome';
