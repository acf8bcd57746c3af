import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createWorker } from '../../src/worker/create-worker.ts';
import { defineAssistant, defineConfig, defineTool } from '../../src/index.ts';
import { pausedItem } from './paused-item.ts';
import { actMs, assistantName } from './names.ts';
import { runWorkerProcess, tellFirstLine, workerPlan, type WorkerPlan } from './worker-process.ts';

export type HoldpointWorkerPlan = WorkerPlan & {
  databaseUrl: string;
  secret: string;
  modelUrl: string;
  reviewUrl: string;
  connectionKey: string;
  /** Callback URL for decisions. */
  publicUrl: string;
  /** File that gets one line per act and survives kill -9. With it, acts take a moment. @default no file */
  actsFile?: string;
};

/* Holdpoint's worker as a process, by its public API, with tools that report when their first line runs. */
const plan = workerPlan() as HoldpointWorkerPlan;
await runWorkerProcess(async () => {
  const execute = async (
    { item }: { item: string },
    { idempotencyKey }: { idempotencyKey: string },
  ): Promise<string> => {
    tellFirstLine(item);
    if (plan.actsFile !== undefined) {
      await sleep(actMs / 2);
      appendFileSync(plan.actsFile, `${JSON.stringify({ item, key: idempotencyKey })}\n`);
      await sleep(actMs / 2);
    }
    return 'done';
  };
  const parameters = z.object({ item: z.string() });
  const summary = ({ item }: { item: string }): string => {
    tellFirstLine(pausedItem(item));
    return item;
  };
  const review = { summary };
  const tools = [
    defineTool({ name: 'act', description: 'Acts.', parameters, effect: 'idempotent', review, execute }),
    defineTool({
      name: 'act_once',
      description: 'Acts, and may not be repeated.',
      parameters,
      effect: 'at-most-once',
      review,
      execute,
    }),
    defineTool({
      name: 'act_in_time',
      description: 'Acts, unless it is too late.',
      parameters,
      effect: 'idempotent',
      review: { ...review, expiresIn: '3 days' },
      execute,
    }),
    defineTool({
      name: 'act_freely',
      description: 'Acts without asking.',
      parameters,
      effect: 'idempotent',
      review: 'never',
      execute,
    }),
  ];
  return await createWorker({
    connection: { address: plan.address },
    namespace: plan.namespace,
    config: defineConfig({
      taskQueue: plan.taskQueue,
      assistants: [defineAssistant({ name: assistantName, model: 'bench', tools })],
    }),
    databaseUrl: plan.databaseUrl,
    secrets: [plan.secret],
    openai: { apiKey: 'bench', baseURL: plan.modelUrl },
    cheqpoint: { baseUrl: plan.reviewUrl, connectionKey: plan.connectionKey },
    publicUrl: plan.publicUrl,
    ...(plan.maxCachedRuns === undefined ? {} : { maxCachedRuns: plan.maxCachedRuns }),
  });
});
