import { reviewerAccess } from './connection.ts';
import { plain } from './plain.ts';
import { readRecord } from './read-approvals.ts';
import { openReviewerSession } from './reviewer-session.ts';
import type { Tools } from './run-action.ts';
import { approvalPage } from './show-approval.ts';
import { shownApproval } from './shown-approval.ts';

/** Asks the requester a question on an open request of the review server. The request stays open. */
export async function askQuestion(tools: Tools, id: string, text: string): Promise<void> {
  const { settings, print, io } = tools;
  const access = reviewerAccess(settings);
  const reviewer = access && (await openReviewerSession(access));
  if (!reviewer) {
    io.stderr.write("Questions need Holdpoint's review server. Hosted Cheqpoint does not have them.\n");
    io.setExitCode(1);
    return;
  }
  const { id: found } = await readRecord(reviewer, tools, id);
  const asked = shownApproval(
    await reviewer.call('POST /approvals/{id}/questions', { path: { id: found }, body: { text } }),
  );
  print(asked, () => `Asked. The answer is in: holdpoint approvals show ${plain(found)}\n\n${approvalPage(asked)}`);
}
