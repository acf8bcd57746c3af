import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject } from '@holdpoint/json';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type {
  OutcomeAnswer,
  ReviewerApproval,
  ReviewerClient,
  ReviewerDecision,
} from '@holdpoint/review-server/contract';
import { until } from './until.ts';

/** A request as the reviewer sees it. */
export type SeenRequest = {
  id: string;
  /** `call`: may this call run? `outcome`: did a started call happen? */
  kind: 'call' | 'outcome';
  assistant: string;
  /** The tool, or the action of a standalone approval. */
  tool: string;
  args: JsonObject;
  summary: string;
  risk: string;
  justification: string | null;
  /** Why a person decides. */
  reason: string | null;
  /** The facts of `review.context`. */
  context: unknown;
  expiresAt: string | null;
};

/** Which request: the oldest open one that this person may decide, or the oldest of this tool. */
export type WhichRequest = { tool?: string };

/** The decision of a policy. Undefined leaves the request open. */
export type PolicyDecision =
  | 'approve'
  | 'reject'
  | { approve: { note?: string; edit?: JsonObject; removed?: readonly string[] } }
  | { reject: { note?: string } }
  | { answer: OutcomeAnswer }
  | undefined;

/**
 * The reviewer of a test stack. Each method waits for a request, decides it over HTTP as a person does, and returns what
 * was decided.
 */
export type TestReviewer = {
  /** Waits for a request and leaves it open. */
  next(which?: WhichRequest): Promise<SeenRequest>;
  approveNext(options?: WhichRequest & { note?: string }): Promise<SeenRequest>;
  /** Approves with changed arguments. `removed`: optional arguments that the reviewer removes. */
  editNext(
    edit: JsonObject,
    options?: WhichRequest & { note?: string; removed?: readonly string[] },
  ): Promise<SeenRequest>;
  rejectNext(note?: string, which?: WhichRequest): Promise<SeenRequest>;
  /** Answers a question about a call whose outcome is unknown. */
  answerNext(answer: OutcomeAnswer, which?: WhichRequest): Promise<SeenRequest>;
  /**
   * Skips time until the request has expired.
   * @throws Error for a request without `expiresIn`.
   */
  expireNext(which?: WhichRequest): Promise<SeenRequest>;
  /** Decides every request from now on by this function, until the returned function is called. */
  decides(policy: (request: SeenRequest) => PolicyDecision | Promise<PolicyDecision>): () => void;
  /** The open requests that this person may decide now, oldest first. */
  open(): Promise<SeenRequest[]>;
};

export type TestReviewerParts = {
  /** Signed in as the reviewer, also after the clocks have moved. */
  client: () => ReviewerClient;
  /** Longest wait for a request, in milliseconds. */
  patienceMs: number;
  /** The states of the runs now, as a sentence. */
  state: () => Promise<string>;
  /** Moves the clocks to this instant. */
  skipTo: (instant: number) => Promise<void>;
  /** Called for an error of a policy. */
  problem: (sentence: string) => void;
};

export function createTestReviewer({ client, patienceMs, state, skipTo, problem }: TestReviewerParts): TestReviewer & {
  stop(): Promise<void>;
} {
  const policies = new Set<{ stopped: boolean; ended: Promise<void> }>();

  const openIds = async (): Promise<string[]> => {
    const { approvals } = await client().call('GET /approvals', {
      query: { box: 'all', status: 'pending', limit: 200 },
    });
    return approvals.map(({ id }) => id).toReversed();
  };
  const read = (id: string) => client().call('GET /approvals/{id}', { path: { id } });
  const openApprovals = async (): Promise<ReviewerApproval[]> =>
    (await Promise.all((await openIds()).map(read))).filter(
      ({ status, canDecide }) => status === 'PENDING' && canDecide?.reject !== false,
    );
  const next = ({ tool }: WhichRequest) =>
    until(
      tool === undefined ? 'A request' : `A request for ${tool}`,
      async () => (await openApprovals()).find(({ action }) => tool === undefined || action === tool),
      { patienceMs, state },
    );
  const decide = async (approval: ReviewerApproval, decision: ReviewerDecision): Promise<SeenRequest> => {
    await client().call('POST /approvals/{id}/decide', {
      path: { id: approval.id },
      body: { ...decision, shown: approval.shown },
    });
    return seen(approval);
  };

  return {
    next: async (which = {}) => seen(await next(which)),
    approveNext: async ({ note, ...which } = {}) => decide(await next(which), { decision: 'approve', note }),
    editNext: async (edit, { note, removed, ...which } = {}) =>
      decide(await next(which), {
        decision: 'approve',
        modifiedDetails: edit,
        note,
        ...(removed && { removed: [...removed] }),
      }),
    rejectNext: async (note, which = {}) => decide(await next(which), { decision: 'reject', note }),
    answerNext: async (answer, which = {}) => decide(await next(which), { decision: answer }),
    async expireNext(which = {}) {
      const approval = await next(which);
      if (approval.expiresAt === null)
        throw new Error(`The request for ${approval.action} has no expiry. Give the tool review: { expiresIn: … }.`);
      await skipTo(Date.parse(approval.expiresAt) + 1);
      return seen(approval);
    },
    decides(policy) {
      const deciding = { stopped: false, ended: Promise.resolve() };
      const left = new Set<string>();
      deciding.ended = (async () => {
        while (!deciding.stopped) {
          for (const approval of (await openApprovals()).filter(({ id }) => !left.has(id))) {
            const decision = asDecision(await policy(seen(approval)));
            if (decision === undefined) left.add(approval.id);
            else await decide(approval, decision);
          }
          await pause(20);
        }
      })().catch((error: unknown) => {
        if (!deciding.stopped)
          problem(`The policy of reviewer.decides failed: ${error instanceof Error ? error.message : String(error)}`);
      });
      policies.add(deciding);
      return () => {
        deciding.stopped = true;
      };
    },
    open: async () => (await openApprovals()).map(seen),
    async stop() {
      for (const policy of policies) policy.stopped = true;
      await Promise.all([...policies].map(({ ended }) => ended));
    },
  };
}

function asDecision(decision: PolicyDecision): ReviewerDecision | undefined {
  if (decision === undefined) return undefined;
  if (typeof decision === 'string') return { decision };
  if ('answer' in decision) return { decision: decision.answer };
  if ('reject' in decision) return { decision: 'reject', note: decision.reject.note };
  const { note, edit, removed } = decision.approve;
  return {
    decision: 'approve',
    note,
    ...(edit && { modifiedDetails: edit }),
    ...(removed && { removed: [...removed] }),
  };
}

function seen(approval: ReviewerApproval): SeenRequest {
  const { id, kind, assistant, action, details, summary, riskLevel, justification, riskReason, context, expiresAt } =
    approval;
  return {
    id,
    kind,
    assistant,
    tool: action,
    args: withoutReserved(details) as JsonObject,
    summary,
    risk: riskLevel,
    justification,
    reason: riskReason,
    context,
    expiresAt,
  };
}
