import { decidedSignal } from '../../src/domain/wire-names.ts';
import type { RunStack, StartedRun } from './run-stack.ts';
import { until } from './until.ts';

/** The key of the run's first call, once it has one. */
export async function firstCallKey(run: StartedRun): Promise<string> {
  return await until('the run has a call', async () => (await run.view()).calls[0]?.key);
}

/** Signals that the run's first call may be decided. */
export async function signalDecided(run: StartedRun): Promise<void> {
  await run.signal(decidedSignal, { callKey: await firstCallKey(run) });
}

/** The id of the pending Activity of this type. */
export async function pendingActivity({ client }: RunStack, run: StartedRun, type: string): Promise<string> {
  return await until(`${type} of ${run.id} is pending`, async () => {
    const { raw } = await client.workflow.getHandle(run.id).describe();
    return raw.pendingActivities?.find(({ activityType }) => activityType?.name === type)?.activityId ?? undefined;
  });
}
