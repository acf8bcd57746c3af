import type { z } from 'zod';
import { healthSchema } from '../schemas/cheqpoint-wire.ts';
import { reviewerApprovalSchema, signedInSchema, type Decide, type ReviewerApproval } from '../schemas/reviewer-api.ts';
import { parseExactJson } from '../review-server/exact-json.ts';
import { CommandFailed, UsageError, type ReviewerAccess } from './connection.ts';

const timeoutMs = 15_000;

/** Our review server, as a reviewer uses it. */
export type ReviewerApi = {
  read(id: string): Promise<ReviewerApproval>;
  decide(id: string, decision: Decide): Promise<ReviewerApproval>;
};

/**
 * Signs in at our review server. Undefined where no such server answers: at hosted Cheqpoint people decide in the browser.
 * @throws UsageError when nobody can be signed in; CommandFailed when the server refuses or does not answer.
 */
export async function openReviewerApi({ url, token, name, password }: ReviewerAccess): Promise<ReviewerApi | undefined> {
  const call = async <Schema extends z.ZodType>(schema: Schema, path: string, session?: string, body?: unknown): Promise<z.output<Schema>> => {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST', redirect: 'error', signal: AbortSignal.timeout(timeoutMs),
      headers: { ...(session && { authorization: `Bearer ${session}` }), ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new CommandFailed(`The review server at ${url} can't be reached.`, { cause });
    });
    // Numbers as they were written: an edit of one argument must not round another.
    const answer = readJson(await response.text()) as { error?: unknown } | null;
    if (response.ok) return schema.parse(answer);
    throw new CommandFailed(`The review server refused: ${typeof answer?.error === 'string' ? answer.error : `HTTP ${response.status}`}`);
  };
  const isOurs = await fetch(`${url}/healthz`, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    .then(async (response) => healthSchema.safeParse(await response.json()).success).catch(() => false);
  if (!isOurs) return undefined;
  if (token === undefined && (name === undefined || password === undefined)) {
    throw new UsageError('Nobody is signed in as a reviewer. Set HOLDPOINT_REVIEWER_NAME and HOLDPOINT_REVIEWER_PASSWORD, or HOLDPOINT_REVIEWER_TOKEN.');
  }
  const session = token ?? (await call(signedInSchema, '/reviewer-api/session', undefined, { name, password })).token;
  const address = (id: string) => `/reviewer-api/approvals/${encodeURIComponent(id)}`;
  return {
    read: (id) => call(reviewerApprovalSchema, address(id), session),
    decide: (id, decision) => call(reviewerApprovalSchema, `${address(id)}/decide`, session, decision),
  };
}

function readJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return null;
  }
}
