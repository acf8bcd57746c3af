import type { ReviewerApproval } from '@holdpoint/review-server/contract';
import { askForMail, finalAnswer, toolStart, type HeldRun } from '../reviewed-run.ts';
import { mustSay } from '../scenario.ts';
import { killWorker, seen } from '../stage.ts';
import type { Story } from '../story.ts';
import type { PersonName } from './review-office.ts';
import type { TeamDone } from './team-outcome.ts';
import type { TeamStage } from './team-stage.ts';
import { mayApprove, selfApproval, vote } from './team-votes.ts';

type TeamAct = (stage: TeamStage, story: Story, done: TeamDone) => Promise<void>;

/** Two stages. The asker may not approve. The worker is killed after the first vote and starts after the second. */
export const twoStages: TeamAct = async (stage, story, done) => {
  story.chapter(
    'Run 1: two of comms, then one of legal',
    'ana, ben, dora and finn are in the group comms, cleo is in legal. dora asks for the mail.',
  );
  const held = await ask(stage, story, done, { id: 'run-1', input: 'Tell all customers about the downtime.' });
  await selfApproval(stage, story, held, { person: 'dora', done });
  await vote(stage, story, held, 'ana');

  const { pid, back } = await killWorker(stage.stack);
  done.kills += 1;
  story.line('WORKER KILLED', `process ${pid} by SIGKILL, between the votes`, { strong: true });
  await vote(stage, story, held, 'ben');
  story.waiting('a new worker is starting');
  story.line('new worker', `process ${await back} is up`);
  await seen('The run waiting at the new worker', async () =>
    (await held.run.get()).detail?.state === 'waiting' ? true : undefined,
  );
  await lastVote(stage, story, done, { held, person: 'cleo' });
};

/** The second group does not answer in time, so another group is asked too. */
export const escalated: TeamAct = async (stage, story, done) => {
  story.chapter(
    'Run 2: legal does not answer',
    'A request that waits for legal is due after a minute. Then the group board is asked too. Time approves nothing.',
  );
  const held = await ask(stage, story, done, {
    id: 'run-2',
    input: 'Please email the customers about the maintenance.',
  });
  await vote(stage, story, held, 'ana');
  await vote(stage, story, held, 'ben');

  const before = await stage.office.audited('approval-escalated');
  stage.office.skipMinutes(1);
  story.line('A MINUTE PASSES', "nobody of legal decides; the review server's clock was moved forward", {
    strong: true,
  });
  story.waiting('the review server asks the next group');
  await mayApprove(stage, held, 'eve');
  done.escalations += (await stage.office.audited('approval-escalated')) - before;
  story.line('ESCALATED', 'to the group board: eve may approve now, cleo of legal still may', {
    strong: true,
  });
  await lastVote(stage, story, done, { held, person: 'eve' });
};

async function ask(
  { client, office }: TeamStage,
  story: Story,
  done: TeamDone,
  { id, input }: { id: string; input: string },
): Promise<HeldRun> {
  const reviewer = {
    read: (approvalId: string) => office.as('ana').call('GET /approvals/{id}', { path: { id: approvalId } }),
  };
  const held = await askForMail({ client, reviewer }, story, { id, user: 'dora', input });
  done.runs += 1;
  return held;
}

/** The vote that approves the request. The mail then goes out, and the run ends. */
async function lastVote(
  stage: TeamStage,
  story: Story,
  done: TeamDone,
  { held, person }: { held: HeldRun; person: PersonName },
): Promise<void> {
  const early = (await stage.mail.log()).filter(({ idempotencyKey }) => idempotencyKey === held.callKey);
  if (early.length > 0) throw new Error('The tool ran before the last approval.');
  // By this machine's clock: that of the review server may be ahead.
  const decidedAt = new Date().toISOString();
  const approval = await vote(stage, story, held, person);
  if (approval.status !== 'APPROVED') throw new Error(`After the last vote the request is ${approval.status}.`);
  count(done, approval);
  const approved = { callKey: held.callKey, arguments: held.arguments, decidedAt };
  done.approved.push(approved);
  await toolStart(stage, story, approved);
  mustSay(await finalAnswer(story, held, 60_000), 'The email blast was sent.');
}

/** Counts from the review server's record. */
function count(done: TeamDone, { voting }: ReviewerApproval): void {
  done.stages += voting?.stages.filter(({ state }) => state === 'passed').length ?? 0;
  done.votes += voting?.votes.filter((each) => each.counts && each.vote === 'approve').length ?? 0;
}
