import { ServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { createWaitingRuns } from '../../../src/adapters/temporal/waiting-runs.ts';

/** A client whose Signals fail with the error. */
function refusing(error: Error): Client {
  return {
    workflow: {
      getHandle: () => ({
        signal: async () => {
          throw error;
        },
      }),
    },
  } as unknown as Client;
}
/** An error of gRPC as Temporal's client throws it. */
const refused = (code: number, details: string) =>
  new ServiceError('Failed to signal Workflow', {
    cause: Object.assign(new Error(details), { code, details, metadata: {} }),
  });
const signal = (error: Error) => createWaitingRuns(refusing(error), 'queue').signalDecided('run', {});

it.each([
  ['is closed', new WorkflowNotFoundError('closed', 'run', undefined)],
  ['has had its ten thousand Signals', refused(3, 'exceeded workflow execution limit for signal events')],
])('signalDecided: a run that %s is skipped', async (_what, error) => {
  await expect(signal(error)).resolves.toBeUndefined();
});

it.each([
  refused(3, 'Invalid WorkflowId.'),
  refused(14, 'No connection established'),
  new ServiceError('limit for signal'),
  new Error('limit for signal'),
])('signalDecided: another failure is thrown: %s', async (error) => {
  await expect(signal(error)).rejects.toBe(error);
});
