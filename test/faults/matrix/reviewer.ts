import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@holdpoint/json';
import { ReviewerApiError, type ReviewerClient, type ReviewerDecision } from '@holdpoint/review-server/contract';
import type { Effect } from './judge.ts';

type ReviewerOptions = {
  client: ReviewerClient;
  approved: { item: string; edit: JsonObject | undefined };
  rejectedItem: string;
  /** The effects so far, to answer a question about an outcome. */
  effects: () => Promise<Effect[]>;
  /** Called before each approval. False: later. */
  beforeApproval: () => Promise<boolean>;
};

export type ReviewerSummary = {
  approvalSentAt: number | undefined;
  /** Requests for the approved call. */
  asked: number;
  /** The reviewer confirmed an outcome. */
  confirmed: boolean;
};

const pauseMs = 150;

/**
 * A person who rejects one call, approves the other, and answers questions about its outcome by what the effect service
 * recorded. After an error they look again, and repeat the decision only if the request is still open.
 */
export function startReviewer({ client, approved, rejectedItem, effects, beforeApproval }: ReviewerOptions): {
  stop: () => Promise<ReviewerSummary>;
} {
  const asked = new Set<string>();
  const summary: Omit<ReviewerSummary, 'asked'> = { approvalSentAt: undefined, confirmed: false };
  const work = { going: true };

  const decide = async (id: string, decision: ReviewerDecision) => {
    while (work.going) {
      try {
        await client.call('POST /approvals/{id}/decide', { path: { id }, body: decision });
        return;
      } catch (error) {
        if (error instanceof ReviewerApiError && error.status >= 400 && error.status < 500 && error.status !== 429)
          return;
        await sleep(pauseMs);
        const now = await client.call('GET /approvals/{id}', { path: { id } }).catch(() => undefined);
        if (now && now.status !== 'PENDING') return;
      }
    }
  };
  const look = async () => {
    const { approvals } = await client.call('GET /approvals', { query: { status: 'pending', limit: 100 } });
    for (const { id, action } of approvals) {
      const { details } = await client.call('GET /approvals/{id}', { path: { id } });
      const text = JSON.stringify(details);
      if (text.includes(rejectedItem)) await decide(id, { decision: 'reject' });
      else if (!text.includes(approved.item)) continue;
      else if (action.endsWith(':outcome-unknown')) {
        const happened = (await effects()).some(({ item }) => item === approved.item);
        summary.confirmed ||= happened;
        await decide(id, { decision: happened ? 'happened' : 'not-happened' });
      } else {
        asked.add(id);
        if (!(await beforeApproval())) continue;
        summary.approvalSentAt ??= Date.now();
        await decide(id, { decision: 'approve', ...(approved.edit && { modifiedDetails: approved.edit }) });
      }
    }
  };
  const working = (async () => {
    while (work.going) {
      await look().catch(() => undefined);
      await sleep(pauseMs);
    }
  })();
  return {
    async stop() {
      work.going = false;
      await working;
      return { ...summary, asked: asked.size };
    },
  };
}
