import { createReviewerClient, ReviewerApiError, type ReviewerMethod } from '../../src/contract/reviewer-client.ts';

const client = createReviewerClient();

/** A failed call. `status` is 0 without an answer. `body` is the body of the answer. */
export { ReviewerApiError as RequestProblem };

/**
 * Calls the reviewers' API. Numbers in the answer keep their notation.
 *
 * @throws RequestProblem with a message for the user.
 */
export async function request<Answer>(
  method: ReviewerMethod,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  return (await client.send(method, path, { body, signal })) as Answer;
}

/** The message of a failed call. */
export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong. Try again.';
}
