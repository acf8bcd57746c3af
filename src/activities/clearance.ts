import type { JsonObject } from '@holdpoint/json';
import type { OpenRequest } from '../domain/activities.ts';
import type { ApprovalDraft } from '../domain/approval.ts';
import type { Decision } from '../domain/decision.ts';
import type { SettledAs } from '../domain/tool-call.ts';
import type { Envelope } from '../signing/envelope.ts';

/** The next step of one tool call. Only `run` lets its tool act. */
export type Clearance =
  | {
      type: 'run';
      args: JsonObject;
      /** The approval that the run acts on. Null where the policy asks for none. */
      approval: Approved | null;
      /** The highest request number of the call: a later request asks about this run of the tool. */
      requestsBefore: number;
    }
  /**
   * A person decides first. `because`: why the call is reviewed again, for the reviewer. `draft`: the part of the last
   * approval that was not taken. `read`: that approval.
   */
  | { type: 'review'; args: JsonObject; because?: string; draft?: ApprovalDraft; read?: Decided }
  /**
   * Still undecided. Without `request`: the service rejected the request without a person, and it is made again later.
   */
  | { type: 'wait'; request?: OpenRequest }
  /** Ends without running. `output`: what the model gets. */
  | { type: 'settle'; as: SettledAs; output: string; decision?: Decision; failRun?: true; read?: Decided };

/** A decision as read at the review service, bound to its request. */
export type Decided = Approved | Refused;

/** Names of the reviewer and of the rule, where the service tells them. For people only: nothing depends on it. */
export type Decider = { reviewer: string | null; rule: string | null };

/** `args`: the sealed arguments of the request. `modified`: the reviewer's edit of them, if there is one. */
export type Approved = {
  type: 'approved';
  decision: Extract<Decision, { outcome: 'approved' }>;
  note: string | null;
  envelope: Envelope;
  args: JsonObject;
  modified: JsonObject | null;
  /** Keys that the reviewer removed on purpose. */
  removed: readonly string[];
  request: { number: number; id: string | null };
  decider?: Decider;
};

export type Refused = {
  type: 'refused';
  decision: Exclude<Decision, { outcome: 'approved' }>;
  note: string | null;
  request?: { number: number; id: string | null };
  decider?: Decider;
};
