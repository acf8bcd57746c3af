import type { Environment } from '../src/config/environment.ts';
import type { DemoOptions } from './options.ts';
import { outcome } from './outcome.ts';
import { approvedAfterExpiry } from './after-expiry.ts';
import { askForMail, finalAnswer } from './reviewed-run.ts';
import { approvedThroughTwoKills, approvedWithEdits, rejected, type Done } from './scenario.ts';
import { openStage, type Stage } from './stage.ts';
import { startWithProgress } from './start-with-progress.ts';
import { createStory, type Story } from './story.ts';
import { tellLinks, tellSummary, tellWhereNext } from './summary.ts';

export type DemoRun = {
  options: DemoOptions;
  /** State, keys and logs go there. */
  folder: string;
  environment: Environment;
  /** Called with a function that stops all parts so far; a later call replaces it. */
  onStop: (stop: () => Promise<void>) => void;
  /** Called when all runs were shown and the stack stays up for the user. */
  onKept: () => void;
};

/**
 * Starts the stack, plays the scenario and counts. Resolves with true when all counts are right; with `keep` it never
 * resolves.
 * @throws Error when a step or a count is wrong; with `json` the document is printed before.
 */
export async function runDemo({ options, folder, environment, onStop, onKept }: DemoRun): Promise<boolean> {
  const began = performance.now();
  const done: Done = { runs: 0, decisions: 0, kills: 0, approved: [], afterExpiry: 0, rejected: [] };
  const story = createStory(options.json ? process.stderr : process.stdout);
  let stage: Stage | undefined;
  const log = async () => (stage === undefined ? [] : await stage.mail.log());
  const print = (document: object) => void (options.json && process.stdout.write(`${JSON.stringify(document)}\n`));
  try {
    stage = await raiseCurtain(story, options.api, { folder, environment, onStop });
    const acts = [
      approvedThroughTwoKills,
      options.api === 'assistants' ? approvedAfterExpiry : approvedWithEdits,
      rejected,
    ];
    for (const act of acts) await act(stage, story, done);
  } catch (error) {
    story.quiet();
    print({ ...outcome(done, await log().catch(() => []), options.api).outcome, ok: false });
    throw error;
  }
  const { outcome: counted, problems } = outcome(done, await log(), options.api);
  print(counted);
  if (problems.length > 0) throw new Error(problems.join(' '));
  tellSummary(story, counted, (performance.now() - began) / 1000);
  if (!options.keep) {
    tellWhereNext(story);
    return true;
  }
  story.chapter('Run 4: yours', 'One more call waits for a decision: yours.');
  const held = await askForMail(stage, story, {
    id: 'run-4',
    user: 'dora',
    input: 'Tell all customers about the downtime.',
  });
  tellLinks(story, stage.stack, held.run.id);
  onKept();
  await finalAnswer(story, held);
  story.text('\nThe demo is over. Ctrl-C stops everything.');
  return await new Promise<never>(() => {});
}

async function raiseCurtain(
  story: Story,
  api: DemoOptions['api'],
  { folder, environment, onStop }: Pick<DemoRun, 'folder' | 'environment' | 'onStop'>,
): Promise<Stage> {
  story.text('Holdpoint: an assistant that sends mail, and a person who decides whether it may.');
  story.chapter(
    'Start',
    `All on this machine, with generated keys. The model is a stand-in, and no mail leaves the machine.${api === 'assistants' ? ' It has the Assistants API: threads, runs, submit_tool_outputs.' : ''}`,
  );
  const stage = await startWithProgress(story, folder, (log) => openStage({ api, folder, environment, log, onStop }));
  const { facts, worker } = stage.stack;
  const host = (url: string) => new URL(url).host;
  story.line('up', `Temporal          ${facts.temporal.address}`, {
    details: [
      `review server     ${host(facts.reviewServer.url)}`,
      `stand-in model    ${host(facts.openai.baseURL)}`,
      `gateway           ${host(facts.gateway.url)}`,
      `mail service      ${host(stage.mail.url)}`,
      `worker            process ${worker.pid}`,
    ],
  });
  return stage;
}
