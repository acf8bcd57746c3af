import type { ReviewAnswer } from '../review.ts';
import { ReviewFailure } from '../review-failure.ts';
import { reviewAnswerSchema } from '../wire/cheqpoint-answers.ts';
import type { Reply } from './exchange.ts';

/**
 * The path of a request.
 *
 * @throws ReviewFailure `refused` for an id that can't be part of a URL.
 */
export function approvalPath(id: string): string {
  // URL parsers resolve "." and ".." as path segments, even when encoded.
  if (id === '' || id === '.' || id === '..' || !id.isWellFormed())
    throw new ReviewFailure('refused', `"${id}" can't be the id of a request at Cheqpoint.`, { sent: false });
  return `/api/approvals/${encodeURIComponent(id)}`;
}

/**
 * Parses an answer about a request. Error messages call the address `setting`.
 *
 * @throws ReviewFailure `unavailable` unless the body is a JSON object.
 */
export function readAnswer(reply: Reply, baseUrl: string, setting = 'CHEQPOINT_BASE_URL'): ReviewAnswer {
  const { data } = reviewAnswerSchema.safeParse(parseJson(reply.text));
  if (data) return data;
  throw notAnswered(reply, baseUrl, setting);
}

/** The failure for a body that is not the JSON object of the service. */
export function notAnswered(
  { status, headers }: Reply,
  baseUrl: string,
  setting = 'CHEQPOINT_BASE_URL',
): ReviewFailure {
  return new ReviewFailure(
    'unavailable',
    `The review service at ${baseUrl} answered HTTP ${status} with something that is not a JSON object (${headers.get('content-type')?.slice(0, 100) ?? 'no content type'}). Check that ${setting} is the address of the service, not of a page in front of it.`,
    { sent: true },
  );
}

/** Parses JSON. Returns undefined for other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
