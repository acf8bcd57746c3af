import { parseExactJson } from '@holdpoint/json';

/** A call that did not work. `status` is 0 where no answer came; `body` is the answer's, where there was one. */
export class RequestProblem extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(message: string, status: number, body?: unknown) {
    super(message);
    this.name = 'RequestProblem';
    this.status = status;
    this.body = body;
  }
}

/**
 * Calls the reviewers' API. Numbers in the answer are kept as they are written.
 *
 * @throws RequestProblem with a sentence for the person at the screen.
 */
export async function request<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(`/reviewer-api${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new RequestProblem('The review server can’t be reached.', 0);
  });
  const text = await response.text();
  const answer = readAnswer(text);
  if (response.ok) return answer as Answer;
  throw new RequestProblem(
    errorOf(answer) ?? `The review server answered ${response.status}.`,
    response.status,
    answer,
  );
}

function readAnswer(text: string): unknown {
  try {
    return text === '' ? undefined : parseExactJson(text);
  } catch {
    return undefined;
  }
}

function errorOf(answer: unknown): string | undefined {
  return typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string'
    ? answer.error
    : undefined;
}

/** What to tell a person about a failed call. */
export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong.';
}
