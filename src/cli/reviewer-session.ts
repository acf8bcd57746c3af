import { Readable } from 'node:stream';
import type { z } from 'zod';
import { healthSchema } from '@holdpoint/cheqpoint/wire';
import { signedInSchema } from '@holdpoint/review-server/contract';
import { parseExactJson } from '@holdpoint/json';
import { CommandFailed, UsageError, type ReviewerAccess } from './connection.ts';

const timeoutMs = 15_000;
const longestDownloadMs = 600_000;
const WHO_SIGNS_IN = 'Set HOLDPOINT_REVIEWER_NAME and HOLDPOINT_REVIEWER_PASSWORD, or HOLDPOINT_REVIEWER_TOKEN.';

/** A sign-in at our review server. */
export type ReviewerSession = {
  /** Calls `/reviewer-api` and reads the answer. @throws CommandFailed when the server refuses or does not answer. */
  call<Schema extends z.ZodType>(
    schema: Schema,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<z.output<Schema>>;
  /** Reads a file from `/reviewer-api`. @throws CommandFailed. */
  download(path: string): Promise<Readable>;
};

/**
 * Signs in at our review server. Undefined where no such server answers: hosted Cheqpoint has no API for people.
 * @throws UsageError when nobody can be signed in; CommandFailed when the server refuses or does not answer.
 */
export async function openReviewerSession({
  url,
  token,
  name,
  password,
}: ReviewerAccess): Promise<ReviewerSession | undefined> {
  const send = async (
    method: string,
    path: string,
    session: string | undefined,
    body: unknown,
    waitMs: number,
  ): Promise<Response> => {
    const response = await fetch(`${url}/reviewer-api${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(waitMs),
      headers: {
        ...(session && { authorization: `Bearer ${session}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new CommandFailed(`The review server at ${url} can't be reached.`, { cause });
    });
    if (response.ok) return response;
    const answer = readJson(await response.text()) as { error?: unknown } | null;
    // The server's own words are for programs that speak HTTP.
    if (response.status === 401 && session !== undefined)
      throw new CommandFailed(
        `The review server refused: nobody is signed in by this token, or no longer. ${WHO_SIGNS_IN}`,
      );
    const more = response.status === 401 ? ` ${WHO_SIGNS_IN}` : '';
    throw new CommandFailed(
      `The review server refused: ${typeof answer?.error === 'string' ? answer.error : `HTTP ${response.status}`}${more}`,
    );
  };
  const isOurs = await fetch(`${url}/healthz`, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    .then(async (response) => healthSchema.safeParse(await response.json()).success)
    .catch(() => false);
  if (!isOurs) return undefined;
  if (token === undefined && (name === undefined || password === undefined)) {
    throw new UsageError(`Nobody is signed in as a reviewer. ${WHO_SIGNS_IN}`);
  }
  const session =
    token ??
    signedInSchema.parse(await (await send('POST', '/session', undefined, { name, password }, timeoutMs)).json()).token;
  return {
    // Numbers as they were written: an edit of one argument must not round another.
    call: async (schema, method, path, body) =>
      schema.parse(readJson(await (await send(method, path, session, body, timeoutMs)).text())),
    download: async (path) =>
      Readable.fromWeb(
        (await send('GET', path, session, undefined, longestDownloadMs)).body as Parameters<typeof Readable.fromWeb>[0],
      ),
  };
}

function readJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return null;
  }
}
