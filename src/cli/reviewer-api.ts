import { type Decide, type ReviewerApproval, reviewerApprovalSchema } from '@holdpoint/review-server/contract';
import type { ReviewerAccess } from './connection.ts';
import { openReviewerSession } from './reviewer-session.ts';

/** Our review server, as a reviewer uses it. */
export type ReviewerApi = {
  read(id: string): Promise<ReviewerApproval>;
  decide(id: string, decision: Decide): Promise<ReviewerApproval>;
};

/**
 * Signs in at our review server. Undefined where no such server answers: at hosted Cheqpoint people decide in the browser.
 * @throws UsageError when nobody can be signed in; CommandFailed when the server refuses or does not answer.
 */
export async function openReviewerApi(access: ReviewerAccess): Promise<ReviewerApi | undefined> {
  const session = await openReviewerSession(access);
  if (session === undefined) return undefined;
  const address = (id: string) => `/approvals/${encodeURIComponent(id)}`;
  return {
    read: (id) => session.call(reviewerApprovalSchema, 'GET', address(id)),
    decide: (id, decision) => session.call(reviewerApprovalSchema, 'POST', `${address(id)}/decide`, decision),
  };
}
