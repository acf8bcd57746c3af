import '../support/quiet-temporal.ts';
import { Context } from '@temporalio/activity';
import { NativeConnection } from '@temporalio/worker';
import { createSurfaces } from '../../src/adapters/openai/surfaces.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { createRunWorker } from '../../src/worker/run-worker.ts';
import { outsideDependencies } from '../support/outside-worker.ts';
import { countedMailTool, stepOf, type DoomedPlan, type Step } from './step.ts';

/* A worker process in which each run stops at the step that its id names, until the test kills it. */
const plan = JSON.parse(process.argv[2] as string) as DoomedPlan;
const { address, namespace, taskQueue, directory } = plan;
const outside = await outsideDependencies(plan);

/** Stands still for ever, and says so, if this is where the run is to be struck. */
async function reach(step: Step, runId = Context.current().info.workflowExecution?.workflowId ?? ''): Promise<void> {
  if (stepOf(runId) !== step) return;
  process.send?.(runId);
  await new Promise<never>(() => undefined);
}

const surface = createSurfaces({
  apiKey: 'sk-test',
  baseURL: plan.openai,
  transcripts: outside.transcripts,
  pollIntervals: { firstMs: 2, longestMs: 20 },
});
const { requests, effects } = outside;
const review = outside.review({} as never);
const worker = await createRunWorker({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  dependencies: {
    ...outside,
    config: defineConfig({
      assistants: [
        defineAssistant({
          name: 'tester',
          model: 'gpt-5',
          api: plan.api,
          tools: [countedMailTool(directory, (runId) => reach('during the tool', runId))],
        }),
      ],
      taskQueue,
    }),
    surface: (assistant) => ({
      async answerAside(request) {
        await reach('before the side turn');
        return await surface(assistant).answerAside(request);
      },
      async takeTurn(request) {
        const activity = request.input.outputs.length === 0 ? 'takeTurn' : 'submit';
        await reach(`before ${activity}`);
        const reply = await surface(assistant).takeTurn(request);
        await reach(`after ${activity}`);
        return reply;
      },
    }),
    review: () => ({
      ...review,
      async request(...args) {
        await reach('before requestApproval');
        const answer = await review.request(...args);
        await reach('during requestApproval');
        return answer;
      },
      async answerQuestion(...args) {
        await reach('before the answer is posted');
        const question = await review.answerQuestion(...args);
        await reach('after the answer is posted');
        return question;
      },
    }),
    requests: {
      ...requests,
      async answered(...args) {
        await requests.answered(...args);
        await reach('after requestApproval');
      },
    },
    effects: {
      ...effects,
      async start(row) {
        await reach('before the tool', row.runId);
        return await effects.start(row);
      },
      async refuse(refusal, output) {
        await reach('before it is replaced', refusal.runId);
        const refused = await effects.refuse(refusal, output);
        await reach('after it is replaced', refusal.runId);
        return refused;
      },
      async close(...args) {
        const row = await effects.close(...args);
        await reach('after the tool', row.runId);
        return row;
      },
    },
  },
});
process.send?.('ready');
await worker.run();
