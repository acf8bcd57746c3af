import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { countedMailTool, runIdOf, type DoomedPlan } from '../conformance/step.ts';
import { startStandInStack, type ModelledRun, type StandInStack } from '../support/stand-in-stack.ts';
import type { TestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import { sqliteUrl } from '@holdpoint/database/url';

/** One recorded run by the Assistants API. It must have ended, or stand still, when this resolves. */
type AssistantsScenario = { name: string; play: (stack: StandInStack) => Promise<ModelledRun> };

const elevenMinutes = 11 * 60_000;
const mail = { to: 'customers', count: 500 };
const calling = (args: { to: string; count: number } = mail, name = 'send_mail') => ({ name, arguments: args });
const ended = async (run: ModelledRun): Promise<ModelledRun> => {
  await run.result();
  return run;
};
const newer = (run: ModelledRun, before: string) =>
  until('it is asked again', async () => {
    const id = await run.approval();
    return id !== before && id;
  });

export const assistantsScenarios: AssistantsScenario[] = [
  {
    name: 'assistants-approved-after-expiry',
    play: async (stack) => {
      const run = await stack.start([{ calls: [calling()] }, { calls: [calling()] }, { text: 'sent' }]);
      const id = await run.approval();
      stack.control.advanceClock(elevenMinutes);
      await run.decide(id, { decision: 'approve', note: 'Verified maintenance window scheduled.' });
      return await ended(run);
    },
  },
  {
    name: 'assistants-edited',
    play: async (stack) => {
      const run = await stack.start([{ calls: [calling()] }, { text: 'sent to fewer' }]);
      await run.decide(await run.approval(), { decision: 'approve', modifiedDetails: { ...mail, count: 50 } });
      return await ended(run);
    },
  },
  {
    name: 'assistants-rejected',
    play: async (stack) => {
      // The first repeat is answered with the carried outcome. The second one is reviewed.
      const run = await stack.start([{ calls: [calling()] }, { calls: [calling(), calling()] }, { text: 'not sent' }]);
      const first = await run.approval();
      stack.control.advanceClock(elevenMinutes);
      await run.decide(first, { decision: 'reject', note: 'Not today' });
      await run.decide(await newer(run, first), { decision: 'reject' });
      return await ended(run);
    },
  },
  {
    name: 'assistants-deadline-passed',
    play: async (stack) => {
      const run = await stack.start([{ calls: [calling(mail, 'send_soon')] }, { text: 'too late' }]);
      await run.approval();
      stack.control.advanceClock(elevenMinutes);
      return await ended(run);
    },
  },
  {
    name: 'assistants-rate-limited',
    play: async (stack) => {
      const run = await stack.start([
        { calls: [calling()] },
        { failed: { code: 'rate_limit_exceeded' } },
        { calls: [calling()] },
        { text: 'sent' },
      ]);
      await run.decide(await run.approval(), { decision: 'approve' });
      return await ended(run);
    },
  },
  {
    name: 'assistants-retired',
    play: async (stack) => {
      const run = await stack.start([{ calls: [calling()] }, { text: 'sent' }]);
      const id = await run.approval();
      stack.control.retireAssistants();
      await run.decide(id, { decision: 'approve' });
      await until('it parks', async () => (await run.view()).state === 'parked');
      stack.control.reset();
      stack.control.script({ when: run.text, steps: [{ text: 'sent' }] });
      await run.signal(retrySignal);
      return await ended(run);
    },
  },
  {
    // The last one. It also moves the worker's clock, so the early output carries its time.
    name: 'assistants-parallel-mixed',
    play: async (stack) => {
      const run = await stack.start([
        {
          calls: [
            calling(),
            calling({ to: 'bob', count: 1 }),
            calling({ to: 'fax', count: 1 }, 'send_fax'),
            calling({ to: 'all', count: 99 }),
          ],
        },
        { calls: [calling()] },
        { text: 'some sent' },
      ]);
      const first = await run.approval();
      await until(
        'both wait',
        async () => (await run.view()).calls.filter((each) => each.state === 'waiting').length === 2,
      );
      stack.advance(elevenMinutes);
      await run.decide(first, { decision: 'approve' });
      await run.decide(await newer(run, first), { decision: 'reject' });
      return await ended(run);
    },
  },
];

/** A run whose worker is killed in the middle of the tool; the next one finds the run at OpenAI expired. */
export async function playKilledAssistantsWorker(
  temporal: TestTemporal,
  ended: (stack: StandInStack, workflowId: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'holdpoint-record-'));
  const databaseUrl = sqliteUrl(join(directory, 'holdpoint.db'));
  const stack = await startStandInStack([countedMailTool(directory)], {
    api: 'assistants',
    worker: false,
    temporal,
    dependencies: await openDatabase(databaseUrl),
  });
  const { taskQueue, reviewServer, dependencies, openai } = stack;
  const gateway = new URL(dependencies.callbackUrl({ workflowId: 'w', callKey: 'c', request: 1 }) as string).origin;
  const plan: DoomedPlan = {
    address: temporal.address,
    namespace: temporal.namespace,
    taskQueue,
    databaseUrl,
    reviewUrl: reviewServer.url,
    gateway,
    api: 'assistants',
    openai: openai.baseURL,
    directory,
  };
  const child = fork(
    fileURLToPath(new URL('../conformance/doomed-worker.ts', import.meta.url)),
    [JSON.stringify(plan)],
    { execArgv: ['--conditions=holdpoint-source'] },
  );
  const run = await stack.start([{ calls: [calling()] }, { calls: [calling()] }, { text: 'sent' }], {
    id: runIdOf('during the tool', 'assistants'),
  });
  const inTheTool = new Promise<void>((resolve) => child.on('message', (said) => said === run.id && resolve()));
  await run.decide(await run.approval(), { decision: 'approve' });
  await inTheTool;
  child.kill('SIGKILL');
  await once(child, 'exit');
  stack.control.advanceClock(elevenMinutes);
  await stack.startWorker();
  await run.result();
  await ended(stack, run.id);
  await stack.stop();
  await rm(directory, { recursive: true });
}
