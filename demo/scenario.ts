import { askForMail, decide, finalAnswer, toolStart } from './reviewed-run.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';
import { seen } from './stage.ts';
import type { Approved } from './tally.ts';

/** Counts of the demo, kept up to date so that they are right after a failure too. */
export type Done = {
  runs: number;
  /** Decisions that a reviewer made. */
  decisions: number;
  kills: number;
  approved: Approved[];
  /** Decisions after the run at OpenAI had expired, with one effect, one repeated call and no second effect. */
  afterExpiry: number;
  /** Keys of rejected calls. None of them may reach the mail service. */
  rejected: string[];
};

export type Act = (stage: Stage, story: Story, done: Done) => Promise<void>;

/** The guide's e-mail, approved unchanged. The worker is killed while the run waits and again while the tool runs. */
export const approvedThroughTwoKills: Act = async (stage, story, done) => {
  story.chapter(
    'Run 1: approved, and the worker is killed twice',
    "Mail to more than 50 people needs a person's approval. The run survives while it waits.",
  );
  const held = await askForMail(stage, story, {
    id: 'run-1',
    user: 'ana',
    input: 'Tell all customers about the downtime.',
  });
  done.runs += 1;

  await kill(stage, story, done, 'while the run waits');
  const { detail } = await held.run.get();
  if (detail?.state !== 'waiting')
    throw new Error(`After the new worker's start the run should wait, but it is ${detail?.state ?? 'unknown'}.`);

  await stage.mail.hold();
  const approved = (await decide(stage, story, held, {
    decision: 'approve',
    note: 'Verified maintenance window scheduled.',
  })) as Approved;
  done.decisions += 1;
  done.approved.push(approved);
  await toolStart(stage, story, approved);
  await seen('The mail of run 1', async () =>
    (await stage.mail.log()).find(
      ({ type, idempotencyKey }) => type === 'effect' && idempotencyKey === approved.callKey,
    ),
  );
  await kill(stage, story, done, 'while the tool runs (its mail is already sent)', () => stage.mail.release());
  await toolStart(stage, story, approved, 2);
  mustSay(await finalAnswer(story, held, 60_000), 'The email blast was sent.');
};

/** Approved for fewer people than the model wanted. */
export const approvedWithEdits: Act = async (stage, story, done) => {
  story.chapter('Run 2: approved with edits', 'The tool runs with the arguments that the reviewer approved.');
  const held = await askForMail(stage, story, {
    id: 'run-2',
    user: 'ben',
    input: 'Please email the customers about the maintenance.',
  });
  done.runs += 1;
  const approved = (await decide(stage, story, held, {
    decision: 'approve',
    modifiedDetails: { ...held.arguments, recipient_count: 120 },
    note: 'Only the customers in Europe.',
  })) as Approved;
  done.decisions += 1;
  done.approved.push(approved);
  await toolStart(stage, story, approved);
  mustSay(await finalAnswer(story, held, 60_000), 'recipient_count 500 → 120');
};

/** Rejected: the model gets the refusal and continues. */
export const rejected: Act = async (stage, story, done) => {
  story.chapter('Run 3: rejected', 'The tool never runs. The model gets the refusal and continues.');
  const held = await askForMail(stage, story, {
    id: 'run-3',
    user: 'cleo',
    input: 'Email all customers about the downtime again.',
  });
  done.runs += 1;
  await decide(stage, story, held, { decision: 'reject', note: 'They were told already.' });
  done.decisions += 1;
  done.rejected.push(held.callKey);
  mustSay(await finalAnswer(story, held, 60_000), 'Security system denied this specific action.');
};

async function kill(
  stage: Stage,
  story: Story,
  done: Done,
  when: string,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const { pid, back } = await stage.killWorker();
  done.kills += 1;
  story.line('WORKER KILLED', `process ${pid} by SIGKILL, ${when}`, { strong: true });
  story.waiting('a new worker is starting');
  await meanwhile();
  story.line('new worker', `process ${await back} is up`);
}

export function mustSay(answer: string, words: string): void {
  if (!answer.includes(words))
    throw new Error(`The answer should have said ${JSON.stringify(words)}, but it was: ${answer}`);
}
