import { type ReviewerApproval } from '../contract/reviewer-api.ts';
import { readPreview } from '../store/approval-history.ts';
import { toReviewerApproval, type StoredApproval } from '../store/approval.ts';
import { readComments } from '../store/comments.ts';
import type { Person } from '../policy/may-decide.ts';
import { listDeliveries } from '../store/deliveries.ts';
import { readStanding } from '../store/requirement.ts';
import { readQuestions } from '../store/questions.ts';
import { readMarks } from '../store/read-marks.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { canDecide, readVoting } from '../store/show-votes.ts';
import { readApprovalTimes } from '../store/read-times.ts';
import { readTimeline } from '../store/timeline.ts';

export type ApprovalApi = {
  store: ReviewStore;
  /** Address of an approval in the inbox. */
  reviewUrl: (approvalId: string) => string;
};

/** An approval as the reviewer's page shows it. */
export async function show(
  { store, reviewUrl }: ApprovalApi,
  approval: StoredApproval,
  person: Person,
): Promise<ReviewerApproval> {
  const { reads } = store.database;
  const { deliveries } = await listDeliveries(store, { approval: approval.id, limit: 100 });
  return {
    ...toReviewerApproval(approval, await readMarks(store, [approval])),
    preview: await readPreview(store, approval),
    timeline: await readTimeline(store, approval, deliveries),
    comments: await readComments(reads, approval.id),
    deliveries,
    questions: await readQuestions(store, approval.id),
    voting: await readVoting(reads, approval),
    canDecide: approval.status === 'PENDING' ? canDecide(await readStanding(reads, approval), person) : null,
    times: await readApprovalTimes(reads, approval),
    ...(approval.status === 'PENDING' ? { reviewUrl: reviewUrl(approval.id) } : {}),
  };
}
