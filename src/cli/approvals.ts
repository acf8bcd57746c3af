import type { Command } from 'commander';
import type { OutcomeAnswer } from '@holdpoint/review-server/contract';
import { askQuestion } from './ask-question.ts';
import { decideApproval, type DecideFlags } from './decide-approval.ts';
import { editAnswer } from './edited-details.ts';
import { listApprovals, readApproval, type ListFlags } from './read-approvals.ts';
import { registerRequestApproval } from './request-approval.ts';
import { connectionOptions, parseJsonFlag, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { approvalPage, approvalTable } from './show-approval.ts';

type EditFlags = DecideFlags & { details?: string; remove?: string[]; fromEarlier?: true };

/**
 * `holdpoint approvals …`: request, list, show, ask, approve, edit, reject, and the three answers to an outcome question.
 */
export function registerApprovals(program: Command, io: RunIo): void {
  const approvals = program.command('approvals').description('request, list and decide approvals');
  const forOne = (name: string, description: string) =>
    connectionOptions(
      approvals
        .command(name)
        .argument('<approval>', 'id of the approval, from "approvals list"')
        .description(description),
    );
  const toDecide = (name: string, description: string, note = 'a note with the decision') =>
    forOne(name, description)
      .option('--note <text>', note)
      .option('--yes', 'decide without asking for confirmation')
      .option('--shown <digest>', 'decide only on what had this digest: "shown" of "approvals show --json"');

  registerRequestApproval(approvals, io);

  const list = connectionOptions(
    approvals
      .command('list')
      .description(
        'list the open requests of the review server, newest first; at hosted Cheqpoint, those of open runs',
      ),
  )
    .option('--assistant <name>', 'only requests of this assistant')
    .option('--limit <number>', 'requests per page (at hosted Cheqpoint: runs), at most 200', '50')
    .option('--page-token <token>', 'token of the next page, from the previous one');
  list.action(() =>
    runAction(list, io, async (tools) => {
      const page = await listApprovals(tools, list.opts<ListFlags>());
      tools.print(page, () =>
        page.approvals.length > 0
          ? approvalTable(page.approvals)
          : `No approvals are waiting${page.nextPageToken === null ? '' : ' on this page'}.`,
      );
      if (tools.json) return;
      for (const { runId, reason } of page.unread) io.stderr.write(`The run ${runId} is also waiting. ${reason}\n`);
      if (page.nextPageToken !== null) io.stderr.write(`More: --page-token ${page.nextPageToken}\n`);
    }),
  );

  const show = forOne('show', 'show a request as the review service has it');
  show.action((id: string) =>
    runAction(show, io, async (tools) => {
      const approval = await readApproval(tools, id);
      tools.print(approval, () => approvalPage(approval));
    }),
  );

  const ask = forOne('ask', 'ask the model or the program a question; the request stays open').argument(
    '<text>',
    'the question',
  );
  ask.action((id: string, text: string) => runAction(ask, io, (tools) => askQuestion(tools, id, text)));

  const approve = toDecide('approve', 'approve the call unchanged');
  approve.action((id: string) =>
    runAction(approve, io, (tools) =>
      decideApproval(tools, id, approve.opts<DecideFlags>(), () => ({ decision: 'approve' })),
    ),
  );

  const reject = toDecide('reject', 'reject the call', 'a note with the decision; the model may read it');
  reject.action((id: string) =>
    runAction(reject, io, (tools) =>
      decideApproval(tools, id, reject.opts<DecideFlags>(), () => ({ decision: 'reject' })),
    ),
  );

  const edit = toDecide('edit', 'approve the call with changed arguments')
    .argument('[changes...]', 'key=value: changed arguments; the value is JSON or plain text')
    .option('--details <json>', 'all arguments as one JSON object')
    .option('--remove <key...>', 'removes an argument that the tool does not need')
    .option('--from-earlier', 'begin with the earlier edit that was not taken, and its note');
  edit.action((id: string, changes: string[]) =>
    runAction(edit, io, (tools) => {
      const { details, remove, fromEarlier, ...flags } = edit.opts<EditFlags>();
      const given = details === undefined ? undefined : parseJsonFlag('--details', details);
      return decideApproval(tools, id, flags, (present) =>
        // An outcome question has no arguments to edit: the server refuses with its three answers.
        present.kind === 'outcome'
          ? { decision: 'approve' }
          : editAnswer(present, { given, changes, remove, fromEarlier }),
      );
    }),
  );

  const answers: Record<OutcomeAnswer, string> = {
    happened: 'answer an outcome question: the call happened',
    'not-happened': 'answer an outcome question: the call did not happen; it runs once more',
    'give-up': 'answer an outcome question: the outcome stays unknown; the call is not repeated',
  };
  for (const [decision, description] of Object.entries(answers) as Array<[OutcomeAnswer, string]>) {
    const answer = toDecide(decision, description);
    answer.action((id: string) =>
      runAction(answer, io, (tools) => decideApproval(tools, id, answer.opts<DecideFlags>(), () => ({ decision }))),
    );
  }
}
