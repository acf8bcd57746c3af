import type { DemoRun } from '../run-demo.ts';
import { startWithProgress } from '../start-with-progress.ts';
import { createStory, type Story } from '../story.ts';
import { escalated, twoStages } from './team-acts.ts';
import { teamOutcome, type TeamDone, type TeamOutcome } from './team-outcome.ts';
import { openTeamStage, type TeamStage } from './team-stage.ts';

/**
 * Plays the runs that need several people, and counts. Resolves with true when all counts are right.
 * @throws Error when a step or a count is wrong; with `json` the document is printed before.
 */
export async function runTeamDemo({ options, folder, environment, onStop }: DemoRun): Promise<boolean> {
  const began = performance.now();
  const done: TeamDone = {
    runs: 0,
    stages: 0,
    votes: 0,
    escalations: 0,
    selfApprovalsRefused: 0,
    kills: 0,
    approved: [],
  };
  const story = createStory(options.json ? process.stderr : process.stdout);
  let stage: TeamStage | undefined;
  const log = async () => (stage === undefined ? [] : await stage.mail.log());
  const print = (document: TeamOutcome) => void (options.json && process.stdout.write(`${JSON.stringify(document)}\n`));
  try {
    stage = await raiseCurtain(story, { folder, environment, onStop });
    for (const act of [twoStages, escalated]) await act(stage, story, done);
  } catch (error) {
    story.quiet();
    print({ ...teamOutcome(done, await log().catch(() => [])).outcome, ok: false });
    throw error;
  }
  const { outcome, problems } = teamOutcome(done, await log());
  print(outcome);
  if (problems.length > 0) throw new Error(problems.join(' '));
  tellSummary(story, outcome, (performance.now() - began) / 1000);
  return true;
}

async function raiseCurtain(
  story: Story,
  { folder, environment, onStop }: Pick<DemoRun, 'folder' | 'environment' | 'onStop'>,
): Promise<TeamStage> {
  story.text('Holdpoint: an assistant that sends mail, and six people of whom three have to agree.');
  story.chapter(
    'Start',
    'All on this machine, with generated keys. The model is a stand-in, and no mail leaves the machine.',
  );
  const stage = await startWithProgress(story, folder, (log) => openTeamStage({ folder, environment, log, onStop }));
  story.line('up', `worker            process ${stage.stack.worker.pid}`, {
    details: [
      `review server     ${new URL(stage.office.url).host}`,
      `mail service      ${new URL(stage.mail.url).host}`,
    ],
  });
  return stage;
}

function tellSummary(
  story: Story,
  { runs, stages, votes, escalations, selfApprovalsRefused, lost, doubled }: TeamOutcome,
  seconds: number,
): void {
  story.chapter(
    `What happened, in ${seconds.toFixed(0)} seconds`,
    'Votes are counted from the record of the review server, mails by the mail service, a separate program.',
  );
  story.fact('approved', `${runs} calls of send_email_blast, by ${votes} votes in ${stages} stages`);
  story.fact('refused', `${selfApprovalsRefused} approval by the person who had asked`);
  story.fact('escalated', `${escalations} request, when its group did not answer in time`);
  story.fact('killed', 'the worker, once by SIGKILL, between two votes');
  story.fact('mail went out', `once for each approved call: ${lost} lost, ${doubled} doubled`);
  story.fact('to set this up', 'docs/approvals-for-teams.md');
  story.text('');
}
