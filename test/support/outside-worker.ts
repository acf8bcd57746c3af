import { Client, Connection } from '@temporalio/client';
import type { WorkerDependencies } from '../../src/activities/context.ts';
import { Envelopes } from '../../src/signing/envelope.ts';
import { createCallbackTokens } from '../../src/signing/callback-token.ts';
import { createReviewService } from '@holdpoint/cheqpoint';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { createRuns } from '../../src/adapters/temporal/create-runs.ts';
import { createWaitingRuns } from '../../src/adapters/temporal/waiting-runs.ts';
import { connectionKey, secret } from './keys.ts';
import type { RunStack } from './run-stack.ts';
import { startTestTemporal } from './temporal.ts';

/** Addresses of a stack's parts, for a worker in a separate process. Can be written as JSON. */
export type StackPlaces = {
  address: string;
  namespace: string;
  taskQueue: string;
  databaseUrl: string;
  reviewUrl: string;
  gateway: string;
};

/** The places of a stack whose workers keep their data at `databaseUrl`. */
export async function placesOf(
  { taskQueue, reviewServer, dependencies }: Pick<RunStack, 'taskQueue' | 'reviewServer' | 'dependencies'>,
  databaseUrl: string,
): Promise<StackPlaces> {
  const { address, namespace } = await startTestTemporal();
  const gateway = new URL(dependencies.callbackUrl({ workflowId: 'w', callKey: 'c', request: 1 }) as string).origin;
  return { address, namespace, taskQueue, databaseUrl, reviewUrl: reviewServer.url, gateway };
}

/** Dependencies of a worker outside the stack's process. The caller gives the model and the config. */
export async function outsideDependencies({
  address,
  namespace,
  taskQueue,
  databaseUrl,
  reviewUrl,
  gateway,
}: StackPlaces): Promise<Omit<WorkerDependencies, 'config' | 'surface'>> {
  const client = new Client({ connection: await Connection.connect({ address }), namespace });
  const tokens = createCallbackTokens({ namespace, secrets: [secret] });
  const review = createReviewService({ baseUrl: reviewUrl, connectionKey });
  return {
    ...(await openDatabase(databaseUrl)),
    review: () => review,
    runs: createRuns(client),
    waitingRuns: createWaitingRuns(client, taskQueue),
    envelopes: new Envelopes([secret]),
    callbackUrl: (request) => `${gateway}/callbacks/cheqpoint/${tokens.make(request)}`,
    workflowUrl: () => undefined,
    worker: `outside-${process.pid}`,
    now: Date.now,
  };
}
