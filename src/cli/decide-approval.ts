import {
  outcomeAnswers,
  outcomeMeanings,
  ReviewerApiError,
  shownDigest,
  type ReviewerApproval,
  type ReviewerDecision,
} from '@holdpoint/review-server/contract';
import { HoldpointError, type Client } from '../client.ts';
import { CommandFailed, reviewerAccess } from './connection.ts';
import { plain } from './plain.ts';
import { readRecord } from './read-approvals.ts';
import { openReviewerSession } from './reviewer-session.ts';
import type { Tools } from './run-action.ts';
import { approvalPage, changeLinesOf } from './show-approval.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { shownApproval } from './shown-approval.ts';

/** Options of every command that decides. */
export type DecideFlags = { note?: string; yes?: boolean; shown?: string };
type Answer = Pick<ReviewerDecision, 'decision' | 'modifiedDetails' | 'removed' | 'note'>;

/**
 * Decides on a request at the review server. Shows the record first and asks for confirmation on a terminal. The
 * decision carries the digest of the shown record, so the server refuses it when the request is another one by then.
 */
export async function decideApproval(
  tools: Tools,
  id: string,
  flags: DecideFlags,
  choose: (present: ReviewerApproval) => Answer,
): Promise<void> {
  const { settings, print, io } = tools;
  const access = reviewerAccess(settings);
  const reviewer = access && (await openReviewerSession(access));
  if (!reviewer) {
    const link = await reviewLink(tools.client, id);
    io.stderr.write(`This command decides at Holdpoint's review server only. Decide in the browser:\n`);
    print({ id, reviewUrl: link ?? null }, () => link ?? `${plain(id)} has no link. Open the inbox of your Cheqpoint.`);
    io.setExitCode(1);
    return;
  }
  const record = await readRecord(reviewer, tools, id);
  const answer = choose(record);
  const { confirm } = io;
  if (confirm && flags.yes !== true && isAnswer(record, answer) && !(await isConfirmed(confirm, io, record, answer))) {
    io.stderr.write('Nothing was decided.\n');
    io.setExitCode(1);
    return;
  }
  const decided = await reviewer
    .call('POST /approvals/{id}/decide', {
      path: { id: record.id },
      body: { ...answer, note: flags.note ?? answer.note, shown: flags.shown ?? shownDigest(record) },
    })
    .catch((error: unknown) => {
      throw withUnknownResult(error, record.id);
    });
  print({ ...decided, details: withoutReserved(decided.details) }, () => resultOf(decided, answer));
}

/** Without a whole answer, or after a failure of the server, the decision may be recorded. */
function withUnknownResult(error: unknown, id: string): unknown {
  if (!(error instanceof CommandFailed && error.cause instanceof ReviewerApiError)) return error;
  const { status, message } = error.cause;
  if (status > 0 && status < 500) return error;
  return new CommandFailed(
    `${message} It is unknown whether your decision was recorded. Look again: holdpoint approvals show ${plain(id)}`,
    { cause: error.cause },
  );
}

/** Shows the request and asks. */
async function isConfirmed(
  confirm: NonNullable<Tools['io']['confirm']>,
  { stderr }: Tools['io'],
  record: ReviewerApproval,
  answer: Answer,
): Promise<boolean> {
  const changes = answer.modifiedDetails
    ? ['', 'Your changes:', ...changeLinesOf(withoutReserved(record.details), withoutReserved(answer.modifiedDetails))]
    : [];
  if (answer.note != null) changes.push(`  note: ${plain(answer.note)}`);
  stderr.write(`${[approvalPage(shownApproval(record), { ways: false }), ...changes].join('\n')}\n\n`);
  return await confirm(questionOf(record, answer));
}

/** False for an answer that the server refuses anyway, with words: the request is closed, or it asks something else. */
function isAnswer({ kind, status }: ReviewerApproval, { decision, modifiedDetails }: Answer): boolean {
  if (status !== 'PENDING') return false;
  const isNamed = (outcomeAnswers as readonly string[]).includes(decision);
  return kind === 'outcome' ? isNamed || modifiedDetails != null : !isNamed;
}

function questionOf(record: ReviewerApproval, { decision, modifiedDetails }: Answer): string {
  const tool = plain(shownApproval(record).tool);
  switch (decision) {
    case 'approve':
      return `Approve ${tool} with ${modifiedDetails ? 'these changes' : 'these arguments'}?`;
    case 'reject':
      return `Reject ${tool}?`;
    default:
      return `Answer for ${tool}: ${outcomeMeanings[decision]}?`;
  }
}

function resultOf(decided: ReviewerApproval, { decision }: Answer): string {
  const by = plain(decided.decidedBy ?? 'the system');
  if (decision !== 'approve' && decision !== 'reject')
    return `${plain(shownApproval(decided).tool)}: ${outcomeMeanings[decision]}, says ${by}.`;
  return `${plain(decided.action)}: ${decided.status.toLowerCase()}${decided.modifiedDetails ? ' with changes' : ''} by ${by}.`;
}

async function reviewLink(client: Client, id: string): Promise<string | undefined> {
  try {
    return (await client.approvals.get(id)).reviewUrl ?? undefined;
  } catch (error) {
    if (error instanceof HoldpointError && error.code === 'approval-not-found')
      throw new CommandFailed(error.message, { cause: error });
    throw error;
  }
}
