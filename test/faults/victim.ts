import '../support/quiet-temporal.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.ts';
import { Envelopes } from '../../src/activities/envelope.ts';
import { createCallbackTokens } from '../../src/adapters/callback-token.ts';
import { createReviewService } from '../../src/adapters/cheqpoint.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { createRuns } from '../../src/adapters/temporal.ts';
import { createWaitingRuns } from '../../src/adapters/waiting-runs.ts';
import { answering, call, calling, scriptedModel } from '../support/scripted-model.ts';
import { countingConfig, type Plan, type Point } from './plan.ts';

/* A worker process that strikes itself, once, at the point that its plan names. */
const plan = JSON.parse(process.argv[2] as string) as Plan;
let struck = false;
const pass = (point: Point): void => {
  if (struck || point !== plan.at) return;
  struck = true;
  writeFileSync(join(plan.directory, 'struck'), '');
  process.kill(process.pid, plan.signal);
};

const { address, namespace, taskQueue, secret, connectionKey } = plan;
const database = await openDatabase(plan.databaseUrl);
const client = new Client({ connection: await Connection.connect({ address }), namespace });
const tokens = createCallbackTokens({ namespace, secrets: [secret] });
const review = createReviewService({ baseUrl: plan.reviewUrl, connectionKey });
const model = scriptedModel(database.transcripts, () => [calling(call('act', { what: 'it' }, 'call_act')), answering('done')]);
const { effects } = database;
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  // Made once for all workers of a test; the rest is as in the product's own.
  workflowBundle: { codePath: plan.bundle },
  stickyQueueScheduleToStartTimeout: '1 s',
  maxHeartbeatThrottleInterval: '1 s',
  defaultHeartbeatThrottleInterval: '1 s',
  shutdownGraceTime: 30_000,
  // A frozen worker's open polls would swallow one attempt after another.
  maxConcurrentActivityTaskExecutions: plan.slots,
  activities: createActivities({
    ...database,
    effects: {
      ...effects,
      async start(row) {
        pass('before-row');
        const started = await effects.start(row);
        pass('after-row');
        return started;
      },
      async close(callKey, start, end) {
        pass('before-close');
        const row = await effects.close(callKey, start, end);
        pass('after-close');
        return row;
      },
    },
    config: countingConfig(plan, pass),
    surface: () => model,
    review: () => review,
    runs: createRuns(client),
    waitingRuns: createWaitingRuns(client, taskQueue),
    envelopes: new Envelopes([secret]),
    callbackUrl: (request) => `${plan.gateway}/callbacks/cheqpoint/${tokens.make(request)}`,
    workflowUrl: () => undefined,
    worker: `victim-${process.pid}`,
    now: Date.now,
  }),
});
process.once('SIGTERM', () => worker.shutdown());
await worker.run();
process.exit(0);
