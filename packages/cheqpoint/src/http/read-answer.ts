import {
  InexactJson,
  isJsonObject,
  type JsonObject,
  parseExactJson,
  plainJson,
  refuseDuplicates,
} from '@holdpoint/json';
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
 * @throws ReviewFailure `unavailable` unless the body is a JSON object; `unreadable` for an approval of arguments that
 * JavaScript would change or that are not Unicode, and for one with a name that stands twice.
 */
export function readAnswer(reply: Reply, baseUrl: string, setting = 'CHEQPOINT_BASE_URL'): ReviewAnswer {
  const exact = read(reply.text, parseExactJson);
  const { answer, problem } = isJsonObject(exact) ? withPlainArguments(exact, reply.text) : {};
  const { data } = reviewAnswerSchema.safeParse(answer);
  if (data?.status === 'approved' && problem !== undefined)
    throw new ReviewFailure(
      'unreadable',
      `The approval from the review service at ${baseUrl} can't be read: ${problem}. Nothing was carried out.`,
      { sent: true },
    );
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

/** The answer with plain arguments, asked and edited, which may run. Inexact ones become null, and are the problem. */
function withPlainArguments(exact: JsonObject, text: string): { answer: JsonObject; problem?: string } {
  const answer = { ...exact };
  let problem = problemOf('', () => refuseDuplicates(text));
  for (const field of ['details', 'modifiedDetails']) {
    if (!Object.hasOwn(exact, field)) continue;
    answer[field] = null;
    const inexact = problemOf(field, () => (answer[field] = plainJson(exact[field])));
    problem ??= inexact;
  }
  return problem === undefined ? { answer } : { answer, problem };
}

/** The problem and the path of an `InexactJson` that `read` throws. */
function problemOf(field: string, read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof InexactJson)) throw error;
    return `${[field, error.path].filter(Boolean).join('.')}: ${error.message}`;
  }
}

/** Parses JSON that holds no arguments. Returns undefined for other text. */
export function parseJson(text: string): unknown {
  return read(text, JSON.parse);
}

function read(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
