import type { ReviewAnswer } from '../review.ts';
import { ReviewFailure } from '../review-failure.ts';
import { reviewAnswerSchema } from '../wire/cheqpoint-answers.ts';
import type { Reply } from './exchange.ts';

/**
 * Where a request is read.
 *
 * @throws ReviewFailure `refused` for an id that no URL can carry.
 */
export function approvalPath(id: string): string {
  // URLs take these for the folder itself and the one above it, however they are encoded.
  if (id === '' || id === '.' || id === '..' || !id.isWellFormed())
    throw new ReviewFailure('refused', `"${id}" can't be the id of a request at Cheqpoint.`, { sent: false });
  return `/api/approvals/${encodeURIComponent(id)}`;
}

/**
 * What a service answered about a request, in one spelling. `setting` is what the error text calls the address.
 *
 * @throws ReviewFailure `unavailable` when it is no JSON object.
 */
export function readAnswer(
  { status, headers, text }: Reply,
  baseUrl: string,
  setting = 'CHEQPOINT_BASE_URL',
): ReviewAnswer {
  const { data } = reviewAnswerSchema.safeParse(parseJson(text));
  if (data) return data;
  throw new ReviewFailure(
    'unavailable',
    `The review service at ${baseUrl} answered HTTP ${status} with something that is not a JSON object (${headers.get('content-type')?.slice(0, 100) ?? 'no content type'}). Check that ${setting} names the service and not a page in front of it.`,
    { sent: true },
  );
}

/** The value, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
