import {
  type ApprovalList,
  ReviewerApiError,
  type ReviewerClient,
  type ReviewerDecision,
  signInReviewer,
} from '@holdpoint/review-server/contract';

/** A signed-in reviewer. */
export type Reviewer = {
  /** Decides. Resolves with the HTTP status. */
  decide(approvalId: string, decision: ReviewerDecision): Promise<number>;
  /** Open approvals, newest first: all, or up to `enough`. */
  open(enough: number): Promise<ApprovalList['approvals']>;
  client: ReviewerClient;
};

/** @throws Error when the review server refuses. */
export async function signIn(url: string, name: string, password: string): Promise<Reviewer> {
  const { client } = await signInReviewer(url, name, password);
  return {
    client,
    decide: (id, body) =>
      client.call('POST /approvals/{id}/decide', { path: { id }, body }).then(
        () => 200,
        (error: unknown) => {
          if (error instanceof ReviewerApiError && error.status > 0) return error.status;
          throw error;
        },
      ),
    async open(enough) {
      const found: ApprovalList['approvals'] = [];
      for (let cursor: string | null | undefined; cursor !== null && found.length < enough;) {
        const page: ApprovalList = await client.call('GET /approvals', {
          query: { status: 'pending', limit: 200, cursor },
        });
        found.push(...page.approvals);
        cursor = page.nextCursor;
      }
      return found;
    },
  };
}
