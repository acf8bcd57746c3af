import { createReviewerClient, ReviewerApiError, type ReviewerMethod } from '../../src/contract/reviewer-client.ts';

const client = createReviewerClient();

/** A call that did not work. `status` is 0 where no answer came; `body` is the answer's, where there was one. */
export { ReviewerApiError as RequestProblem };

/**
 * Calls the reviewers' API. Numbers in the answer are kept as they are written.
 *
 * @throws RequestProblem with a sentence for the person at the screen.
 */
export async function request<Answer>(
  method: ReviewerMethod,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  return (await client.send(method, path, { body, signal })) as Answer;
}

/** What to tell a person about a failed call. */
export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong.';
}
