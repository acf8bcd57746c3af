import { ReviewerApiError, type ReviewerApproval } from '@holdpoint/review-server/contract';
import { HoldpointError, type ApprovalList } from '../client.ts';
import { inParts } from '../gateway/in-parts.ts';
import { CommandFailed, reviewerAccess } from './connection.ts';
import { pageAt, readLimit } from './paging.ts';
import { plain } from './plain.ts';
import { openReviewerSession, type ReviewerSession } from './reviewer-session.ts';
import type { Tools } from './run-action.ts';
import { shownApproval, type ShownApproval } from './shown-approval.ts';

export type ListFlags = { assistant?: string; limit: string; pageToken?: string };
type ShownList = Omit<ApprovalList, 'approvals'> & { approvals: ShownApproval[] };

/**
 * A page of open requests, newest first. A reviewer gets those of the review server, with or without a run. Without a reviewer's
 * sign-in, and at hosted Cheqpoint, the gateway lists those that open runs wait for.
 */
export async function listApprovals(tools: Tools, { assistant, pageToken, ...flags }: ListFlags): Promise<ShownList> {
  const limit = readLimit(flags.limit);
  const reviewer = await sessionIfPossible(tools);
  if (reviewer === undefined)
    return await pageAt(pageToken, tools.client.approvals.list({ assistant, limit, pageToken }));
  const query = { box: 'all', status: 'pending', limit: String(limit), cursor: pageToken, askedBy: assistant } as const;
  const page = await pageAt(pageToken, reviewer.call('GET /approvals', { query }));
  const records = await inParts(page.approvals, ({ id }) => findRecord(reviewer, id));
  const approvals = records.filter((record) => record !== undefined).map(shownApproval);
  return { approvals, unread: [], nextPageToken: page.nextCursor, note: 'The review server has this list.' };
}

/** One request, open or decided, as the review service has it. @throws CommandFailed when there is none. */
export async function readApproval(tools: Tools, id: string): Promise<ShownApproval> {
  const reviewer = await sessionIfPossible(tools);
  return reviewer === undefined
    ? await tools.client.approvals.get(id)
    : shownApproval(await readRecord(reviewer, tools, id));
}

/**
 * The record of a request at the review server. The id of a standalone approval is looked up at the gateway, if there
 * is one.
 * @throws CommandFailed when there is none.
 */
export async function readRecord(reviewer: ReviewerSession, tools: Tools, id: string): Promise<ReviewerApproval> {
  const record = await findRecord(reviewer, id);
  if (record !== undefined) return record;
  const request = tools.hasGateway ? await requestOfRun(tools, id) : undefined;
  const found = request === undefined ? undefined : await findRecord(reviewer, request);
  if (found === undefined)
    throw new CommandFailed(
      `The review server has no approval "${plain(id)}".${tools.hasGateway ? await hintOfRun(tools, id) : ''}`,
    );
  return found;
}

/** Names the requests of the run that has this id. Empty when there is none. */
async function hintOfRun({ client }: Tools, id: string): Promise<string> {
  const run = await orUndefined(client.runs.get(id));
  if (run === undefined) return '';
  const calls = run.detail?.calls.filter(({ state }) => state !== 'done') ?? [];
  const requests = calls.flatMap(({ tool, approval }) =>
    approval?.id == null ? [] : [`${plain(approval.id)} (${plain(tool)})`],
  );
  return ` That is the id of a run. ${requests.length === 0 ? 'It waits for no approval.' : `It waits for ${requests.join(', ')}.`}`;
}

async function requestOfRun({ client }: Tools, id: string): Promise<string | undefined> {
  return (await orUndefined(client.approvals.get(id)))?.id;
}

/** The gateway's answer. Undefined when it refuses. */
async function orUndefined<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  return await answer.catch((error: unknown) => {
    if (error instanceof HoldpointError) return undefined;
    throw error;
  });
}

async function findRecord(reviewer: ReviewerSession, id: string): Promise<ReviewerApproval | undefined> {
  try {
    return await reviewer.call('GET /approvals/{id}', { path: { id } });
  } catch (error) {
    if (error instanceof CommandFailed && error.cause instanceof ReviewerApiError && error.cause.status === 404)
      return undefined;
    throw error;
  }
}

/** A session where a reviewer's credentials are given and the review server is ours. */
async function sessionIfPossible({ settings, hasGateway }: Tools): Promise<ReviewerSession | undefined> {
  const access = reviewerAccess(settings);
  if (access === undefined) return undefined;
  const hasCredentials = access.token !== undefined || (access.name !== undefined && access.password !== undefined);
  return hasCredentials || !hasGateway ? await openReviewerSession(access) : undefined;
}
