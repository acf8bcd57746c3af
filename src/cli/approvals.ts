import type { Command } from 'commander';
import { HoldpointError, type Client } from '../client.ts';
import { RESERVED_DETAILS_KEY, type WireObject } from '@holdpoint/cheqpoint/wire';
import type { ReviewerDecision, ReviewerApproval } from '@holdpoint/review-server/contract';
import { CommandFailed, reviewerAccess } from './connection.ts';
import { editedDetails } from './edited-details.ts';
import { registerRequestApproval } from './request-approval.ts';
import { openReviewerSession } from './reviewer-session.ts';
import { connectionOptions, parseJsonFlag, runAction, type Tools } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { approvalPage, approvalTable, plain } from './show-run.ts';

/** `holdpoint approvals …`: request, list, show, approve, edit, reject. */
export function registerApprovals(program: Command, io: RunIo): void {
  const approvals = program.command('approvals').description('request, list and decide approvals');
  const forOne = (name: string, description: string) =>
    connectionOptions(
      approvals
        .command(name)
        .argument('<approval>', 'id of the approval, from "approvals list"')
        .description(description),
    );

  registerRequestApproval(approvals, io);

  const list = connectionOptions(approvals.command('list').description('list the approvals that open runs wait for'))
    .option('--assistant <name>', 'only runs of this assistant')
    .option('--limit <number>', 'runs per page, at most 200', '50')
    .option('--page-token <token>', 'token of the next page, from the previous one');
  list.action(() =>
    runAction(list, io, async ({ client, print, json }) => {
      const { assistant, limit, pageToken } = list.opts<{ assistant?: string; limit: string; pageToken?: string }>();
      const page = await client.approvals.list({ assistant, limit: Number(limit), pageToken });
      print(page, () => (page.approvals.length === 0 ? 'No approvals are waiting.' : approvalTable(page.approvals)));
      if (json) return;
      for (const { runId, reason } of page.unread) io.stderr.write(`The run ${runId} is also waiting. ${reason}\n`);
      if (page.nextPageToken !== null) io.stderr.write(`More: --page-token ${page.nextPageToken}\n`);
    }),
  );

  const show = forOne('show', 'show an approval');
  show.action((id: string) =>
    runAction(show, io, async ({ client, print }) => {
      const approval = await client.approvals.get(id);
      print(approval, () => approvalPage(approval));
    }),
  );

  const approve = forOne('approve', 'approve the call unchanged').option('--note <text>', 'a note with the decision');
  approve.action((id: string) =>
    runAction(approve, io, (tools) =>
      decide(tools, id, () => ({ decision: 'approve', note: approve.opts<{ note?: string }>().note })),
    ),
  );

  const reject = forOne('reject', 'reject the call').option(
    '--note <text>',
    'a note with the decision; the model may read it',
  );
  reject.action((id: string) =>
    runAction(reject, io, (tools) =>
      decide(tools, id, () => ({ decision: 'reject', note: reject.opts<{ note?: string }>().note })),
    ),
  );

  const edit = forOne('edit', 'approve the call with changed arguments')
    .argument('[changes...]', 'key=value: changed arguments; the value is JSON or plain text')
    .option('--details <json>', 'all arguments as one JSON object')
    .option('--note <text>', 'a note with the decision');
  edit.action((id: string, changes: string[]) =>
    runAction(edit, io, (tools) => {
      const { details, note } = edit.opts<{ details?: string; note?: string }>();
      const given = details === undefined ? undefined : parseJsonFlag('--details', details);
      return decide(tools, id, (present) => ({
        decision: 'approve',
        modifiedDetails: editedDetails(visible(present.details), given, changes),
        note,
      }));
    }),
  );
}

async function decide(
  { client, settings, print, io }: Tools,
  id: string,
  choose: (present: ReviewerApproval) => ReviewerDecision,
): Promise<void> {
  const access = reviewerAccess(settings);
  const reviewer = access && (await openReviewerSession(access));
  if (!reviewer) {
    const link = await reviewLink(client, id);
    io.stderr.write(`This command decides at Holdpoint's review server only. Decide in the browser:\n`);
    print({ id, reviewUrl: link ?? null }, () => link ?? `${plain(id)} has no link. Open the inbox of your Cheqpoint.`);
    io.setExitCode(1);
    return;
  }
  const path = { id };
  const body = choose(await reviewer.call('GET /approvals/{id}', { path }));
  const decided = await reviewer.call('POST /approvals/{id}/decide', { path, body });
  print(
    { ...decided, details: visible(decided.details) },
    () =>
      `${plain(decided.action)}: ${decided.status.toLowerCase()}${decided.modifiedDetails ? ' with changes' : ''} by ${plain(decided.decidedBy ?? 'the system')}.`,
  );
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

function visible({ [RESERVED_DETAILS_KEY]: _reserved, ...details }: WireObject): WireObject {
  return details;
}
