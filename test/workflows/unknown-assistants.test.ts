import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { publishAssistants } from '../../src/worker/publish-assistants.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering } from '../support/scripted-model.ts';
import { until } from '../support/until.ts';

/* Runs whose assistant the worker lacks. Workers publish their assistants as `createWorker` does. */

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([], { worker: false });
});
afterAll(() => stack.stop());

/** Starts a worker with these assistants. */
async function deploy(...names: string[]): Promise<{ stop(): Promise<void> }> {
  const registry = stack.database.assistantRegistry;
  const queue = { namespace: 'default', taskQueue: stack.taskQueue };
  const dependencies: Partial<ActivityDependencies> = {
    config: defineConfig({
      taskQueue: stack.taskQueue,
      assistants: names.map((name) => defineAssistant({ name, model: 'none', tools: [] })),
    }),
    published: {
      live: () => registry.live(queue, Date.now()),
      everHad: (name) => registry.wasPublished(queue, name),
    },
    attemptsAtUnknown: 3,
  };
  const publishing = await publishAssistants({
    registry,
    queue,
    assistants: names,
    localRequests: true,
    onFailure: () => undefined,
  });
  const worker = await stack.startWorker(dependencies);
  return {
    async stop() {
      await worker.stop();
      await publishing.stop();
    },
  };
}

const start = async (assistant: string): Promise<StartedRun> => await stack.start([answering('done')], { assistant });
const lastError = async (run: StartedRun): Promise<string | undefined> => {
  const { raw } = await stack.client.workflow.getHandle(run.id).describe();
  return raw.pendingActivities?.[0]?.lastFailure?.message ?? undefined;
};

it('assistant that no worker ever had → tried again, then fails and names the closest', async () => {
  const worker = await deploy('comms');
  const run = await start('coms');
  expect(await until('it is tried again', () => lastError(run))).toContain(
    'No worker has ever had an assistant "coms". Did you mean "comms"? The workers have: comms. The run fails unless',
  );
  await expect(run.result()).rejects.toMatchObject({ cause: { type: 'NoSuchAssistant' } });
  await worker.stop();
});

it('assistant that a worker gets within the grace → the run goes on', async () => {
  const first = await deploy('comms');
  const run = await start('brand-new');
  await until('it is tried again', () => lastError(run));
  await first.stop();
  const second = await deploy('comms', 'brand-new');
  expect((await run.result()).output).toEqual({ type: 'inline', value: 'done' });
  await second.stop();
});

it('assistant that a worker had earlier → parks until it is back', async () => {
  await (await deploy('retired')).stop();
  const without = await deploy('comms');
  const run = await start('retired');
  expect(await until('it parks', async () => (await run.view()).parked[0])).toMatchObject({ type: 'UnknownAssistant' });
  await without.stop();
  const back = await deploy('retired');
  await run.signal(retrySignal);
  await run.result();
  await back.stop();
});

it('rolling deploy: an old worker gets the run → tried again until the new worker has it', async () => {
  const old = await deploy('comms');
  const registry = stack.database.assistantRegistry;
  await registry.publish({
    namespace: 'default',
    taskQueue: stack.taskQueue,
    worker: 'new',
    assistants: ['rolled-out'],
    localRequests: true,
    at: Date.now(),
  });
  const run = await start('rolled-out');
  expect(await until('it is tried again', () => lastError(run))).toContain('another running worker has it');
  // Temporal's SDK allows one worker of a Task Queue in a process.
  await old.stop();
  const next = await deploy('comms', 'rolled-out');
  await run.result();
  await registry.remove('new');
  await next.stop();
});

it('standalone approval for an assistant that no worker ever had → fails', async () => {
  const worker = await deploy('comms');
  const run = await stack.start([], {
    assistant: 'nobody',
    approval: { action: 'refund', summary: 'Refund order A-17' },
    input: { type: 'inline', value: { order: 'A-17' } },
  });
  await expect(run.result()).rejects.toMatchObject({ cause: { type: 'NoSuchAssistant' } });
  await worker.stop();
});
