import { askForMail, decide, finalAnswer, toolStart } from './reviewed-run.ts';
import { mustSay, type Act } from './scenario.ts';
import type { Approved } from './tally.ts';

const threeDays = 3 * 24 * 60 * 60 * 1000;

/** Approved with edits after the run at OpenAI has expired. A new run at OpenAI gets the outcome; nothing happens twice. */
export const approvedAfterExpiry: Act = async (stage, story, done) => {
  story.chapter(
    'Run 2: approved with edits, three days later',
    'A run of the Assistants API expires after ten minutes. People take longer.',
  );
  const held = await askForMail(stage, story, {
    id: 'run-2',
    user: 'ben',
    input: 'Please email the customers about the maintenance.',
  });
  done.runs += 1;

  await stage.model.advance(threeDays);
  const [first] = await stage.model.runsOf('run-2');
  if (first?.status !== 'expired')
    throw new Error(
      `After three days the run at OpenAI should have expired, but it is ${first?.status ?? 'not there'}.`,
    );
  story.line('3 DAYS PASS', `${shortened(first.id)} at OpenAI has expired; our run still waits`, {
    strong: true,
    details: ["the stand-in's clock was moved forward"],
  });

  const approved = (await decide(stage, story, held, {
    decision: 'approve',
    modifiedDetails: { ...held.arguments, recipient_count: 120 },
    note: 'Only the customers in Europe.',
  })) as Approved;
  done.decisions += 1;
  done.approved.push(approved);
  await toolStart(stage, story, approved);
  const answer = await finalAnswer(story, held, 60_000, async () => {
    const [, second, ...more] = await stage.model.runsOf('run-2');
    if (second === undefined || more.length > 0)
      throw new Error('After the expiry there should be one more run at OpenAI.');
    story.line('continued', `the outcome is in the thread as a message, and run ${shortened(second.id)} starts`);
    const repeats = await stage.model.outputsFor(second);
    if (repeats.length !== 1)
      throw new Error(
        `The model should have asked for the same call once more, but it did so ${repeats.length} times.`,
      );
    story.line('ASKED AGAIN', 'the model makes the same call once more', {
      strong: true,
      details: ['it gets the outcome of the first call: no second review, no second mail'],
    });
  });
  mustSay(answer, 'recipient_count 500 → 120');
  done.afterExpiry += 1;
};

function shortened(id: string): string {
  return `${id.slice(0, 12)}…`;
}
