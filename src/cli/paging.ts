import { ReviewerApiError } from '@holdpoint/review-server/contract';
import { HoldpointError } from '../client.ts';
import { CommandFailed, UsageError } from './connection.ts';

const mostPerPage = 200;

/** Reads `--limit`. @throws UsageError unless it is a whole number from 1 to 200. */
export function readLimit(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= mostPerPage) return limit;
  throw new UsageError(`--limit must be a whole number from 1 to ${mostPerPage}, not "${text}".`);
}

/** Waits for the page of a list. @throws UsageError naming `--page-token` when the server refuses the token. */
export async function pageAt<Page>(pageToken: string | undefined, reading: Promise<Page>): Promise<Page> {
  try {
    return await reading;
  } catch (error) {
    if (pageToken === undefined || !isAboutToken(error)) throw error;
    throw new UsageError(
      '--page-token is not from this list with the same options. Take it from the page before, or leave it out to get the first page.',
      { cause: error },
    );
  }
}

/** The gateway says `pageToken`, the review server `cursor`. */
function isAboutToken(error: unknown): boolean {
  if (error instanceof HoldpointError)
    return error.status === 400 && (error.path === undefined || error.path === 'query.pageToken');
  return (
    error instanceof CommandFailed &&
    error.cause instanceof ReviewerApiError &&
    error.cause.status === 400 &&
    error.cause.message.includes('cursor')
  );
}
