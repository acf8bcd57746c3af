import { randomUUID } from 'node:crypto';
import type { Insertable, QueryCreator, Transaction } from 'kysely';
import type { DueDelivery } from './due-delivery.ts';
import type { ReviewStore } from './review-store.ts';
import type { OutboxTable, ReviewTables } from './tables.ts';
import type { Write } from './together.ts';

/** Result of one attempt. */
export type Attempt = {
  at: Date;
  tookMs: number;
  /** The receiver's HTTP status. Null without an answer. */
  status: number | null;
  /** Null if it was received. */
  problem: string | null;
};

/** Lease of one attempt. Longer than the attempt's own time-out. */
const leaseMs = 15_000;

type NewDelivery = {
  approvalId: string;
  body: string;
  /** ISO 8601. The first attempt may begin then. */
  at: string;
} & (
  | { kind: 'decision'; url: string; /** Set for the callback about a question. */ questionId?: string }
  /** The address of notifications is a setting of the process and often secret, so it is not stored. */
  | { kind: 'notification' }
);

/** Queues a delivery, in the transaction of its cause. */
export async function addDelivery(transaction: Transaction<ReviewTables>, delivery: NewDelivery): Promise<void> {
  await insertDelivery(transaction, queued(delivery)).execute();
}

/** The insert of a delivery. */
export function insertDelivery(transaction: Transaction<ReviewTables>, row: Insertable<OutboxTable>): Write {
  return transaction.insertInto('outbox').values(row);
}

/** A new delivery that any process may send. */
export function queued(delivery: NewDelivery): Insertable<OutboxTable> {
  const { kind, approvalId, body, at } = delivery;
  return {
    id: randomUUID(),
    kind,
    approval_id: approvalId,
    url: delivery.kind === 'decision' ? delivery.url : '',
    body,
    created_at: at,
    tried_since: at,
    attempts: 0,
    attempts_before_resend: 0,
    next_attempt_at: at,
    ...(delivery.kind === 'decision' && delivery.questionId !== undefined && { question_id: delivery.questionId }),
  };
}

/**
 * A new delivery leased to this process, which sends it right after the commit (`ReviewStore.deliver`). If the process
 * dies before, the lease ends and any process sends it.
 */
export function leased(delivery: NewDelivery): Insertable<OutboxTable> & DueDelivery {
  const { id, kind, approval_id, url, body, tried_since, attempts_before_resend, ...row } = queued(delivery);
  const until = new Date(Date.parse(delivery.at) + leaseMs).toISOString();
  const due = { id, kind, approval_id, url, body, tried_since, attempts_before_resend, attempts: 1 };
  return { ...row, ...due, leased_until: until };
}

/** Gives back leases of deliveries that were not sent. */
export async function giveBack(
  { database: { kysely } }: ReviewStore,
  deliveries: readonly DueDelivery[],
): Promise<void> {
  await kysely
    .updateTable('outbox')
    .set((column) => ({ attempts: column('attempts', '-', 1), leased_until: null }))
    .where(
      'id',
      'in',
      deliveries.map(({ id }) => id),
    )
    .where('attempts', '=', 1)
    .where('delivered_at', 'is', null)
    .execute();
}

/** Cancels the notification of a decided request. */
export function dropNotifications(transaction: Transaction<ReviewTables>, approvalId: string, at: string): Write {
  return transaction
    .updateTable('outbox')
    .set({ abandoned_at: at })
    .where('approval_id', '=', approvalId)
    .where('kind', '=', 'notification')
    .where('delivered_at', 'is', null)
    .where('abandoned_at', 'is', null);
}

/** Releases the leases of an earlier process on a SQLite file. Such a file has one process at a time. */
export async function releaseLeases({ database: { kysely, kind } }: ReviewStore): Promise<void> {
  if (kind === 'sqlite')
    await kysely.updateTable('outbox').set({ leased_until: null }).where('leased_until', 'is not', null).execute();
}

/**
 * Leases up to `most` due deliveries of these kinds. `attempts` includes the coming one. `except`: ids of the attempts
 * that run in this process, whose leases end early when the clock is set forward.
 */
export async function takeDueDeliveries(
  { database: { kysely, kind }, clock }: ReviewStore,
  { kinds, most, except }: { kinds: readonly OutboxTable['kind'][]; most: number; except: readonly string[] },
): Promise<DueDelivery[]> {
  const now = clock();
  const at = now.toISOString();
  return kysely
    .updateTable('outbox')
    .set((column) => ({
      attempts: column('attempts', '+', 1),
      leased_until: new Date(now.getTime() + leaseMs).toISOString(),
    }))
    .where('id', 'in', (builder) =>
      builder
        .selectFrom('outbox')
        .select('id')
        .where('kind', 'in', kinds)
        .where('delivered_at', 'is', null)
        .where('abandoned_at', 'is', null)
        .where('next_attempt_at', '<=', at)
        .$if(except.length > 0, (query) => query.where('id', 'not in', except))
        .where((builder) => builder.or([builder('leased_until', 'is', null), builder('leased_until', '<=', at)]))
        .orderBy('next_attempt_at')
        .limit(most)
        .$if(kind === 'postgres', (query) => query.forUpdate().skipLocked()),
    )
    .returning(['id', 'kind', 'approval_id', 'url', 'body', 'attempts', 'attempts_before_resend', 'tried_since'])
    .execute();
}

/** Records an attempt. A failed one without `nextAttemptAt` gives the delivery up. */
export async function recordAttempt(
  { database: { kysely, kind }, clock }: ReviewStore,
  { id, attempts, tried_since: triedSince }: DueDelivery,
  { at, tookMs, status, problem }: Attempt,
  nextAttemptAt: Date | undefined,
): Promise<void> {
  const now = clock().toISOString();
  const [column, time] =
    problem === null
      ? (['delivered_at', now] as const)
      : nextAttemptAt === undefined
        ? (['abandoned_at', now] as const)
        : (['next_attempt_at', nextAttemptAt.toISOString()] as const);
  const insert = (writer: QueryCreator<ReviewTables>) =>
    writer
      .insertInto('delivery_attempts')
      .values({ delivery_id: id, number: attempts, at: at.toISOString(), took_ms: tookMs, status, problem })
      // A process that lost its lease but went on may record the same number.
      .onConflict((conflict) => conflict.columns(['delivery_id', 'number']).doNothing());
  const update = (writer: QueryCreator<ReviewTables>) =>
    writer
      .updateTable('outbox')
      .set((row) => ({
        leased_until: null,
        last_problem: problem,
        // A resend during this attempt stays due.
        [column]: row.case().when('tried_since', '=', triedSince).then(time).else(row.ref(column)).end(),
      }))
      .where('id', '=', id);
  // One statement is one transaction and one round trip. SQLite has no `with` that writes.
  if (kind === 'postgres') await update(kysely.with('attempt', insert)).execute();
  else
    await kysely.transaction().execute(async (transaction) => {
      await insert(transaction).execute();
      await update(transaction).execute();
    });
}
