import type { Transaction } from 'kysely';
import type { Times } from '../contract/times.ts';
import { currentStage } from '../policy/may-decide.ts';
import { afterQuietHours } from '../policy/quiet-hours.ts';
import type { StoredApproval } from './approval.ts';
import { readStages } from './requirement.ts';
import { addStep, dropSteps } from './steps.ts';
import type { ReviewTables } from './tables.ts';
import { everyone, readTimes } from './times.ts';

/** Kinds of steps. */
export const [reminder, escalation] = ['reminder', 'escalation'];

/** Facts of an escalation, fixed when the stage began: later changes of the times do not matter. */
export type EscalationFacts = {
  stage: number;
  version: number;
  dueMinutes: number;
  /** Names of groups or `admins` that are still to be asked. */
  to: readonly string[];
  quietHours: Times['quietHours'];
};

/**
 * Plans the times of the stage that takes votes now, in place of those of an earlier stage or version. The caller holds
 * the lock of the approval and announces the change.
 */
export async function replanTimes(
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
  now: Date,
): Promise<void> {
  await dropSteps(transaction, approval.id, now.toISOString(), [reminder, escalation]);
  await planTimes(transaction, approval, now);
}

/** Plans the reminders and the escalation of an approval that has none. The caller created it, or holds its lock. */
export async function planTimes(
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
  now: Date,
): Promise<void> {
  const stages = (await readStages(transaction, [approval])).get(approval.id)!;
  const { addressees } = currentStage({ stages, stage: approval.stage });
  const groups = addressees.flatMap((each) => (each.startsWith('group:') ? [each.slice('group:'.length)] : []));
  const times = await readTimes(transaction, [...groups, everyone]);
  const found = groups.map((group) => times.get(group)).find((each) => each !== undefined) ?? times.get(everyone);
  if (found === undefined) return;
  const { remindAfter, dueAfter, escalateTo, quietHours } = found;
  const dueMinutes = dueAfter[riskOf(approval.risk_level)];
  const after = (minutes: number) => afterQuietHours(new Date(now.getTime() + minutes * 60_000), quietHours);
  for (const minutes of remindAfter)
    await addStep(
      transaction,
      { approvalId: approval.id, kind: reminder, dueAt: after(minutes), facts: { minutes } },
      now,
    );
  if (dueMinutes === null) return;
  const facts: EscalationFacts = {
    stage: approval.stage,
    version: approval.version,
    dueMinutes,
    to: escalateTo,
    quietHours,
  };
  await addStep(transaction, { approvalId: approval.id, kind: escalation, dueAt: after(dueMinutes), facts }, now);
}

/** Another word of the asker counts as high. */
function riskOf(level: string): keyof Times['dueAfter'] {
  return level === 'low' || level === 'medium' || level === 'critical' ? level : 'high';
}
