import { randomUUID } from 'node:crypto';
import type { SettleInput, SettleResult } from '../domain/activities.ts';
import { outputs } from '../domain/outputs.ts';
import { ownExecution, type ActivityDependencies } from './context.ts';
import type { EffectRow } from './ports.ts';

/** Whether nobody has decided on a call for good, so that a newer message may replace it. */
export function isReplaceable(result: SettleResult): boolean {
  return result.type !== 'settled' || result.as === 'superseded';
}

/**
 * Makes it final that nothing comes of a call: as an ended row of the effect ledger, which every later look reads first.
 * Hosted Cheqpoint can't close a request, so there somebody may still approve it. Undefined when an attempt of the tool
 * was quicker: then that is what happened.
 */
export async function refuseSuperseded(
  { effects, worker, now }: ActivityDependencies,
  input: SettleInput,
  row: EffectRow | undefined,
): Promise<EffectRow | undefined> {
  const { key, tool } = input.call;
  const refusal = {
    callKey: key,
    start: (row?.start ?? 0) + 1,
    runId: ownExecution().workflowId,
    tool,
    attemptId: randomUUID(),
    worker,
    at: now(),
  };
  if ((await effects.refuse(refusal, { text: outputs.superseded })) === 'exists') return undefined;
  return await effects.newest(key);
}
