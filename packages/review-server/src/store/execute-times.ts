import type { Transaction } from 'kysely';
import { administrators } from '../contract/times.ts';
import { type Addressee, refusalOf } from '../policy/may-decide.ts';
import { nameKey } from '../policy/person-names.ts';
import { afterQuietHours } from '../policy/quiet-hours.ts';
import type { StoredApproval } from './approval.ts';
import { announceChange } from './approval-changes.ts';
import { appendAudit } from './audit.ts';
import type { ExecuteStep } from './execute-step.ts';
import { addDelivery } from './outbox.ts';
import { readPeople } from './people.ts';
import { escalation, type EscalationFacts } from './plan-times.ts';
import { escalatedTo } from './read-times.ts';
import { readStanding } from './requirement.ts';
import type { NotificationCause, ReviewStore } from './review-store.ts';
import { addStep } from './steps.ts';
import type { ReviewTables } from './tables.ts';

/** Reminds the people whose turn it is. */
export const executeReminder: ExecuteStep = async ({ store, transaction, approval, now }) => {
  await appendAudit(transaction, {
    at: now.toISOString(),
    actor: 'system',
    event: 'approval-reminded',
    subject: approval.id,
    facts: { stage: approval.stage },
  });
  await notify(store, transaction, approval, now, { kind: 'reminder' });
  await announceChange(transaction, store.database.kind, { id: approval.id, change: 'changed' });
  return { result: 'executed', change: 'changed' };
};

/**
 * Lets the next group of the list vote too. A group in which no person may approve is passed over, and the audit names
 * it. After the last one the request counts as overdue. It is never approved by time.
 */
export const executeEscalation: ExecuteStep = async ({ store, transaction, step, approval, now }) => {
  const { stage, version, dueMinutes, to, quietHours } = JSON.parse(step.facts) as EscalationFacts;
  if (stage !== approval.stage || version !== approval.version) return { result: 'dropped' };
  const at = now.toISOString();
  const passedOver: string[] = [];
  let asked: { name: string; addressee: Addressee } | undefined;
  const left = [...to];
  while (asked === undefined && left.length > 0) {
    const name = left.shift() as string;
    const addressee = await addresseeNamed(transaction, name);
    if (addressee !== undefined && (await hasVoter(transaction, approval, addressee))) asked = { name, addressee };
    else passedOver.push(name);
  }
  if (asked !== undefined && approval.addressed === 1)
    await transaction
      .insertInto('addressees')
      .values({ approval_id: approval.id, stage, addressee: asked.addressee, added_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  await appendAudit(transaction, {
    at,
    actor: 'system',
    event: asked === undefined ? 'approval-overdue' : 'approval-escalated',
    subject: approval.id,
    facts: { stage, to: asked?.name ?? null, passedOver: passedOver.join(', ') || null },
  });
  await notify(
    store,
    transaction,
    approval,
    now,
    asked === undefined ? { kind: 'overdue' } : { kind: 'escalation', to: asked.name },
  );
  if (asked !== undefined && left.length > 0)
    await addStep(
      transaction,
      {
        approvalId: approval.id,
        kind: escalation,
        dueAt: afterQuietHours(new Date(now.getTime() + dueMinutes * 60_000), quietHours),
        facts: { stage, version, dueMinutes, to: left, quietHours } satisfies EscalationFacts,
      },
      now,
    );
  await announceChange(transaction, store.database.kind, { id: approval.id, change: 'changed' });
  return { result: asked === undefined ? 'overdue' : `${escalatedTo}${asked.name}`, change: 'changed' };
};

async function addresseeNamed(transaction: Transaction<ReviewTables>, name: string): Promise<Addressee | undefined> {
  if (name === administrators) return 'admins';
  const group = await transaction
    .selectFrom('groups')
    .select('id')
    .where('name_key', '=', nameKey(name))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return group && `group:${group.id}`;
}

/** True if one of them could approve now, who could not before it if the approval is addressed to groups. */
async function hasVoter(
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
  addressee: Addressee,
): Promise<boolean> {
  const standing = await readStanding(transaction, approval);
  const widened = {
    ...standing,
    stages: standing.stages.map((each) =>
      each.number === standing.stage ? { ...each, addressees: [addressee] } : each,
    ),
  };
  return (await readPeople(transaction)).some((person) => refusalOf(widened, person, 'approve') === undefined);
}

async function notify(
  { notification }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
  now: Date,
  cause: NotificationCause,
): Promise<void> {
  if (notification === undefined) return;
  await addDelivery(transaction, {
    kind: 'notification',
    approvalId: approval.id,
    body: notification(approval, cause),
    at: now.toISOString(),
  });
}
