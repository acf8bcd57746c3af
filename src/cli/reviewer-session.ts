import { Readable } from 'node:stream';
import { hostedCheqpointUrl } from '@holdpoint/cheqpoint';
import { healthSchema } from '@holdpoint/cheqpoint/wire';
import {
  createReviewerClient,
  ReviewerApiError,
  type ReviewerClient,
  signInReviewer,
} from '@holdpoint/review-server/contract';
import { CommandFailed, UsageError, type ReviewerAccess } from './connection.ts';

const healthTimeoutMs = 15_000;
const howToSignIn = 'Set HOLDPOINT_REVIEWER_NAME and HOLDPOINT_REVIEWER_PASSWORD, or HOLDPOINT_REVIEWER_TOKEN.';

/**
 * A sign-in at Holdpoint's review server. Both methods throw CommandFailed when the server refuses or does not answer.
 */
export type ReviewerSession = Pick<ReviewerClient, 'call'> & { download(path: string): Promise<Readable> };

/**
 * Signs in at Holdpoint's review server. Undefined where no such server answers: hosted Cheqpoint has no API for
 * reviewers.
 *
 * @throws UsageError without credentials; CommandFailed when the server refuses or does not answer.
 */
export async function openReviewerSession(access: ReviewerAccess): Promise<ReviewerSession | undefined> {
  if (!(await isReviewServer(access.url))) return undefined;
  const client = await openClient(access);
  return {
    call: (route, ...input) => client.call(route, ...input).catch(fail),
    async download(path) {
      return Readable.from(explained(await client.download(path).catch(fail)), { objectMode: false });
    },
  };
}

async function* explained(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* parts;
  } catch (error) {
    fail(error);
  }
}

/** False at hosted Cheqpoint. @throws CommandFailed when the server of another address does not answer, or fails. */
async function isReviewServer(url: string): Promise<boolean> {
  const isHosted = url === hostedCheqpointUrl;
  const away = (problem: string, cause?: unknown) =>
    new CommandFailed(
      `The review server at ${url} ${problem}. Nothing was read or changed. CHEQPOINT_BASE_URL names its address, else the running "holdpoint dev" has it.`,
      { cause },
    );
  const response = await fetch(`${url}/healthz`, {
    redirect: isHosted ? 'manual' : 'error',
    signal: AbortSignal.timeout(healthTimeoutMs),
  }).catch((cause: unknown) => {
    if (isHosted) return undefined;
    throw away(`can't be reached (${reasonOf(cause)})`, cause);
  });
  if (response === undefined) return false;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.status >= 500 && !isHosted) throw away(`answered with HTTP ${response.status}`);
  return healthSchema.safeParse(body).success;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message;
}

async function openClient({ url, token, name, password }: ReviewerAccess): Promise<ReviewerClient> {
  if (token !== undefined) return createReviewerClient({ url, token });
  if (name === undefined || password === undefined) throw new UsageError(`No reviewer is signed in. ${howToSignIn}`);
  const signedIn = await signInReviewer(url, name, password).catch((error: unknown) => {
    if (!(error instanceof ReviewerApiError) || error.status !== 401) return fail(error);
    throw new CommandFailed(`The review server refused: ${error.message} ${howToSignIn}`, { cause: error });
  });
  return signedIn.client;
}

/** @throws CommandFailed for a failure of the review server; anything else as it is. */
function fail(cause: unknown): never {
  if (!(cause instanceof ReviewerApiError)) throw cause;
  if (cause.status === 0) throw new CommandFailed(cause.message, { cause });
  // The server's own sentence is for HTTP clients.
  const text = cause.status === 401 ? `the token is unknown, or its session ended. ${howToSignIn}` : cause.message;
  throw new CommandFailed(`The review server refused: ${text}`, { cause });
}
