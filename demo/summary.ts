import type { DevStack } from '../src/embedded/dev-stack.ts';
import type { DemoOutcome } from './outcome.ts';
import type { Story } from './story.ts';

const times = (count: number) => ['never', 'once', 'twice'][count] ?? `${count} times`;

/** Prints the summary of a successful demo. */
export function tellSummary(
  story: Story,
  { approvals, kills, toolStarts, toolEffects, lost, doubled, resumeMs, afterExpiry }: DemoOutcome,
  seconds: number,
): void {
  story.chapter(
    `What happened, in ${seconds.toFixed(0)} seconds`,
    'Counted by the mail service, a separate program that logs every call.',
  );
  story.fact('held', `${approvals} calls of send_email_blast; none ran before its decision`);
  story.fact('decided', 'run 1 approved, run 2 approved for 120 instead of 500, run 3 rejected');
  if (afterExpiry !== undefined)
    story.fact(
      'after the ten minutes',
      'run 2: a new run at OpenAI got the outcome; the repeated call got it too, without a second review or mail',
    );
  story.fact('killed', `the worker, ${times(kills)} by SIGKILL: while run 1 waited, while its tool ran`);
  story.fact('tool started', `${times(toolStarts)}: run 1 needed a second attempt after the kill; run 3 none`);
  story.fact('mail went out', `${times(toolEffects)}, once for each approval: ${lost} lost, ${doubled} doubled`);
  story.fact('resumed', `${resumeMs.p50} ms (median) and ${resumeMs.max} ms (longest) after a decision`);
}

/** Prints where to continue after the demo. */
export function tellWhereNext(story: Story): void {
  story.chapter('Next', 'The demo is stopped and its files are removed.');
  story.fact('npm run demo -- --keep', 'the same, and it stays up: you decide, in the inbox');
  story.fact('npm start', 'a stack that keeps its state; then: npx holdpoint --help');
  story.fact('examples/email-blast/', 'the code of a user: an assistant and its tools');
  story.fact('src/workflows/run.ts', 'the Workflow of a run');
  story.text('');
}

/** Prints the links of a stack that stays up. */
export function tellLinks(story: Story, { facts, signInUrl }: DevStack, runId: string): void {
  const { temporal, gateway, dataDir } = facts;
  story.chapter(
    'Your turn',
    `The run ${runId} waits for your decision. Ctrl-C stops everything and removes its files.`,
  );
  story.fact('decide (signs you in)', signInUrl ?? '');
  story.fact('watch', `${temporal.ui ?? ''}/namespaces/${temporal.namespace}/workflows/${runId}`);
  story.fact('gateway', `${gateway.url}/openapi.json`);
  story.fact('its key', `${dataDir}/running.json`);
  story.fact('or by command', `export HOLDPOINT_DATA_DIR=${dataDir}`);
  story.fact('', 'npx holdpoint approvals list');
  story.fact('', `npx holdpoint runs watch ${runId}`);
  story.text('');
}
