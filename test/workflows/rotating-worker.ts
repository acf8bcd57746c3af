import '../support/quiet-temporal.ts';
import { appendFileSync } from 'node:fs';
import { NativeConnection } from '@temporalio/worker';
import { z } from 'zod';
import { defineAssistant, defineConfig, defineTool } from '../../src/index.ts';
import { createCallbackTokens } from '../../src/signing/callback-token.ts';
import { Envelopes } from '../../src/signing/envelope.ts';
import { createRunWorker } from '../../src/worker/run-worker.ts';
import { outsideDependencies, type StackPlaces } from '../support/outside-worker.ts';
import { answering, call, calling, scriptedModel } from '../support/scripted-model.ts';

/** `secrets`: HOLDPOINT_SECRET of this worker, the sealing value first. `paid`: a file that the tool appends to. */
export type RotatingPlan = StackPlaces & { secrets: readonly string[]; paid: string };

/* A worker process with its own HOLDPOINT_SECRET. It sends `ready`, and stops when its parent says so. */
const plan = JSON.parse(process.argv[2] as string) as RotatingPlan;
const { address, namespace, taskQueue, gateway, secrets, paid } = plan;
const outside = await outsideDependencies(plan);
const tokens = createCallbackTokens({ namespace, secrets });
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  parameters: z.object({ to: z.string() }),
  effect: 'at-most-once',
  review: 'always',
  execute: ({ to }) => {
    appendFileSync(paid, `${to}\n`);
    return 'paid';
  },
});
const model = scriptedModel(outside.transcripts, (runId) => [
  calling(call('pay', { to: runId }, 'call_1')),
  answering('Done.'),
]);
const worker = await createRunWorker({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  shutdownGraceMs: 100,
  dependencies: {
    ...outside,
    config: defineConfig({ assistants: [defineAssistant({ name: 'tester', model: 'none', tools: [pay] })], taskQueue }),
    surface: () => model,
    envelopes: new Envelopes(secrets),
    callbackUrl: (request) => `${gateway}/callbacks/cheqpoint/${tokens.make(request)}`,
  },
});
const running = worker.run();
process.send?.('ready');
process.once('message', () => worker.shutdown());
await running;
process.exit(0);
