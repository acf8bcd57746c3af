import '../support/quiet-temporal.ts';
import { writeFileSync } from 'node:fs';
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.ts';
import { workflowBundle } from '../../src/worker/workflow-bundle.ts';
import { outsideDependencies } from '../support/outside-worker.ts';
import { answering, call, calling, scriptedModel } from '../support/scripted-model.ts';
import { countingConfig, struckFile, type Plan, type Point } from './plan.ts';

/*
 * A worker process in which each run stops once, at the point that the plan names, until the test resumes it, or for
 * ever.
 */
const plan = JSON.parse(process.argv[2] as string) as Plan;
const goOn = new Promise((resolve) => void process.once('message', resolve));
const struck = new Set<string>();
async function pass(point: Point): Promise<void> {
  const runId = Context.current().info.workflowExecution?.workflowId ?? '';
  if (plan.strikes[runId] !== point || struck.has(runId)) return;
  struck.add(runId);
  writeFileSync(struckFile(plan.directory, runId), '');
  await goOn;
}

const { address, namespace, taskQueue } = plan;
const dependencies = await outsideDependencies(plan);
const model = scriptedModel(dependencies.transcripts, () => [
  calling(call('act', { what: 'it' }, 'call_act')),
  answering('done'),
]);
const { effects } = dependencies;
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  // All but the slots is as in the product's own.
  workflowBundle: await workflowBundle(),
  stickyQueueScheduleToStartTimeout: '1 s',
  maxHeartbeatThrottleInterval: '1 s',
  defaultHeartbeatThrottleInterval: '1 s',
  shutdownGraceTime: 30_000,
  // A frozen worker's open polls would swallow one attempt after another.
  maxConcurrentActivityTaskExecutions: plan.slots,
  activities: createActivities({
    ...dependencies,
    effects: {
      ...effects,
      async start(row) {
        await pass('before-row');
        const started = await effects.start(row);
        await pass('after-row');
        return started;
      },
      async close(callKey, start, end) {
        await pass('before-close');
        const row = await effects.close(callKey, start, end);
        await pass('after-close');
        return row;
      },
    },
    config: countingConfig(plan, pass),
    surface: () => model,
  }),
});
process.once('SIGTERM', () => worker.shutdown());
await worker.run();
process.exit(0);
